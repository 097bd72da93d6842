"""Corrections and hand-overs: details, service, sensitivity."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from escalations import queries, rules
from escalations.choices import Entry, Reason, Sensitivity
from escalations.models import Case, IssueType, Service
from portal.accounts.rules import Actor

from . import clocks
from ._base import Outcome, Refused, add_entry, add_reason, known, locked, moment, required, save, trail, words
from .assign import able_owner, check_owner, set_owner
from .create import index
from .keeping import end_access, keep_access, tell_ended
from .overtaking import end_offers, end_openings
from .playbooks import fitting, refit


def change_service(
    *,
    actor: Actor,
    ref: str | int,
    service_id: int,
    reason: str = "",
    expected_version: int | None = None,
    at: datetime | None = None,
) -> Outcome:
    """Hand the case over to another service; clocks are counted anew from their start under its policies. An owner who
    cannot work it there loses it. Raises Refused, Stale, Http404."""
    when = moment(at)
    with locked(actor, ref, expected_version) as case:
        acting = required(actor, rules.can_change_service(actor, queries.facts_of(actor, case)))
        if service_id == case.service_id:
            raise Refused(Reason.ALREADY_THERE)
        service = Service.objects.filter(pk=service_id, archived_at=None).first()
        if service is None:
            raise Refused(Reason.UNKNOWN_SERVICE)
        move(acting, case, service, when, reason=words(reason))
        return Outcome(case)


def move(
    acting: Actor, case: Case, service: Service, at: datetime, *, reason: str = "", owner_id: int | None = None
) -> None:
    """Write another service, an owner there if one is named, and the clocks of its policies; an offer of the case is over.
    The caller holds the lock and has asked the rules. Raises Refused if the service is archived, or the named owner cannot
    work the case there."""
    if service.archived_at is not None:
        raise Refused(Reason.SERVICE_ARCHIVED)
    params = {"from": case.service_id, "to": service.pk}
    case.service = service
    save(case, at, "service_id")
    add_entry(case, acting, Entry.SERVICE, "service.changed", at, params=params, internal=False)
    add_reason(case, acting, at, reason)
    trail(acting, "case.service_changed", case, params)
    end_offers([case.pk], at)
    end_openings(acting, case, at)
    refit(acting, case, at)
    if owner_id is None or owner_id == case.owner_id:
        release_unable_owner(acting, case, at)
    else:
        check_owner(case, owner_id)
        set_owner(acting, case, owner_id, at)
    clocks.recompute(acting, case, at)


def release_unable_owner(acting: Actor, case: Case, at: datetime) -> None:
    """Take the case off an owner who cannot work it any more."""
    if case.owner_id is not None and able_owner(case) is None:
        set_owner(acting, case, None, at)


def set_sensitivity(
    *,
    actor: Actor,
    ref: str | int,
    sensitivity: str,
    reason: str = "",
    expected_version: int | None = None,
    at: datetime | None = None,
) -> Outcome:
    """Who may know of the case. Whoever restricts it, and its owner if they can work it, keep access; lowering ends what
    was given for the restriction.

    The actor may not see the case afterwards. Raises Refused, Stale, Http404.
    """
    when = moment(at)
    with locked(actor, ref, expected_version) as case:
        level = known(sensitivity, Sensitivity.values)
        acting = required(actor, rules.can_mark_sensitive(actor, queries.facts_of(actor, case), level))
        if level == case.sensitivity:
            raise Refused(Reason.ALREADY_AS_SENSITIVE)
        mark(acting, case, level, when, keep=[acting.user_id, able_owner(case)])
        add_reason(case, acting, when, words(reason))
        release_unable_owner(acting, case, when)
        return Outcome(case)


def mark(
    acting: Actor,
    case: Case,
    level: str,
    at: datetime,
    *,
    keep: Iterable[int | None],
    until: Mapping[int, datetime | None] | None = None,
) -> None:
    """Write another sensitivity; these people keep access to what becomes restricted, some of them only `until` then. What
    was given for a restriction that is lifted ends. The caller has asked the rules."""
    params = {"from": str(case.sensitivity), "to": level}
    ended = end_access(case, at) if case.sensitivity == Sensitivity.RESTRICTED else []
    case.sensitivity = level
    save(case, at, "sensitivity")
    add_entry(case, acting, Entry.SENSITIVITY, "sensitivity.changed", at, params=params)
    trail(acting, "case.sensitivity_changed", case, params)
    tell_ended(case, acting, ended, at)
    if level == Sensitivity.RESTRICTED:
        keep_access(case, acting, keep, at, until=until)


def change_details(
    *,
    actor: Actor,
    ref: str | int,
    subject: str,
    customer_ref: str = "",
    contact_hint: str = "",
    issue_type_id: int | None = None,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> Outcome:
    """Correct what the case says of itself. The trail names the columns, not the words. Raises Refused, Stale, Http404."""
    when = moment(at)
    with locked(actor, ref, expected_version) as case:
        acting = required(actor, rules.can_change_details(actor, queries.facts_of(actor, case)))
        _check_issue(case, issue_type_id)
        values = {
            "subject": words(subject, needed=Reason.SUBJECT_NEEDED, limit=200),
            "customer_ref": words(customer_ref, limit=80),
            "contact_hint": words(contact_hint, limit=200),
            "issue_type_id": issue_type_id,
        }
        changed = [name for name, value in values.items() if getattr(case, name) != value]
        if not changed:
            raise Refused(Reason.NOTHING_CHANGED)
        fitted = fitting(case)
        for name in changed:
            setattr(case, name, values[name])
        save(case, when, *changed)
        index(case)
        add_entry(case, acting, Entry.DETAILS, "details.changed", when, params={"fields": changed}, internal=False)
        trail(acting, "case.details_changed", case, {"fields": changed})
        if "issue_type_id" in changed:
            refit(acting, case, when, fitted)
        return Outcome(case)


def _check_issue(case: Case, issue_type_id: int | None) -> None:
    """A live issue type, or the one that the case has already."""
    if issue_type_id is None or issue_type_id == case.issue_type_id:
        return
    if not IssueType.objects.filter(pk=issue_type_id, archived_at=None).exists():
        raise Refused(Reason.UNKNOWN_ISSUE)
