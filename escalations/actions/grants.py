"""Restricted cases: granting, withdrawing, breaking the glass, and judging that afterwards."""

from datetime import datetime, timedelta

from django.db import transaction
from django.http import Http404

from escalations import access, queries, rules
from escalations.choices import BREAK_GLASS_MINUTES, Entry, GrantKind, Reason
from escalations.models import Case, CaseGrant
from portal.accounts.queries import actors_of
from portal.accounts.rules import Actor

from ._base import Refused, add_entry, moment, required, touch, trail, words
from .change import release_unable_owner
from .keeping import may_hold
from .telling import tell


@transaction.atomic
def grant_access(
    *,
    actor: Actor,
    ref: str | int,
    user_id: int,
    reason: str = "",
    expires_at: datetime | None = None,
    at: datetime | None = None,
) -> CaseGrant:
    """Let somebody else see a restricted case of a service that the actor leads. They are told. Raises Refused, Http404."""
    when = moment(at)
    case = access.get_hidden_case(ref, for_update=True)
    acting = _led(actor, case, rules.can_grant(actor, queries.plain_facts(case), user_id))
    person = actors_of([user_id], when).get(user_id)
    if person is None or not may_hold(person):
        raise Refused(Reason.NOT_GRANTABLE)
    if expires_at is not None and expires_at <= when:
        raise Refused(Reason.UNKNOWN_VALUE)
    live = queries.live_grants(when).filter(case=case, user_id=user_id, kind=GrantKind.GRANT)
    if live.exists():
        raise Refused(Reason.ALREADY_GRANTED)
    grant = CaseGrant.objects.create(
        case=case,
        user_id=user_id,
        kind=GrantKind.GRANT,
        granted_by_id=acting.user_id,
        reason=words(reason),
        starts_at=when,
        expires_at=expires_at,
    )
    _tell(acting, case, "grant.given", user_id, when)
    tell("case.grant", str(grant.pk), {"case": case.pk, "user": user_id})
    return grant


def _led(actor: Actor, case: Case, verdict: rules.Verdict) -> Actor:
    """As `required`; to whoever does not lead the service the case does not exist."""
    if isinstance(verdict, rules.Denied) and verdict.code != Reason.NOT_FOR_ONESELF:
        raise Http404
    return required(actor, verdict)


def _tell(acting: Actor, case: Case, code: str, user_id: int, at: datetime, **more: object) -> None:
    add_entry(case, acting, Entry.GRANT, code, at, params={"user": user_id, **more})
    touch(case, at)
    trail(acting, f"case.{code.replace('.', '_')}", case, {"user": user_id, **more})


@transaction.atomic
def revoke_grant(*, actor: Actor, grant_id: int, at: datetime | None = None) -> CaseGrant:
    """Withdraw a live grant; an owner who cannot see the case by another one loses it. Raises Refused, Http404."""
    when = moment(at)
    found = access.get_grant(actor, grant_id)
    case = access.get_hidden_case(found.case_id, for_update=True)
    grant = access.get_grant(actor, grant_id, for_update=True)
    acting = _led(actor, case, rules.can_grant(actor, queries.plain_facts(case)))
    if grant.revoked_at is not None or grant.lifted_at is not None:
        raise Refused(Reason.ALREADY_ENDED)
    grant.revoked_at = when
    grant.save(update_fields=["revoked_at"])
    _tell(acting, case, "grant.revoked", grant.user_id, when)
    _released(acting, case, grant, when)
    return grant


def _released(acting: Actor, case: Case, grant: CaseGrant, at: datetime) -> None:
    if grant.user_id == case.owner_id:
        release_unable_owner(acting, case, at)


@transaction.atomic
def break_glass(*, actor: Actor, ref: str | int, reason: str, at: datetime | None = None) -> CaseGrant:
    """See a restricted case for 60 minutes. The owner and the service's leads are told at once, and a lead must review it.

    Raises Refused, and Http404 for every case that is not restricted and within the actor's own scope.
    """
    when = moment(at)
    why = words(reason, needed=Reason.REASON_NEEDED)
    case = access.get_hidden_case(ref, for_update=True)
    verdict = rules.can_break_glass(actor, queries.plain_facts(case))
    if not verdict.ok or actor.user_id is None:
        raise Http404
    acting, user_id = required(actor, verdict), actor.user_id
    if queries.live_grants(when).filter(case=case, user_id=user_id).exists():
        raise Refused(Reason.ALREADY_OPEN_TO_YOU)
    grant = CaseGrant.objects.create(
        case=case,
        user_id=user_id,
        kind=GrantKind.BREAK_GLASS,
        reason=why,
        starts_at=when,
        expires_at=when + timedelta(minutes=BREAK_GLASS_MINUTES),
    )
    _tell(acting, case, "grant.break_glass", grant.user_id, when, minutes=BREAK_GLASS_MINUTES)
    tell("case.break_glass", str(grant.pk), {"case": case.pk, "user": grant.user_id})
    return grant


@transaction.atomic
def review_break_glass(
    *, actor: Actor, grant_id: int, upheld: bool, note: str = "", at: datetime | None = None
) -> CaseGrant:
    """Say whether breaking the glass was justified; if not, what is left of it ends. Raises Refused, Http404."""
    when = moment(at)
    found = access.get_grant(actor, grant_id)
    case = access.get_hidden_case(found.case_id, for_update=True)
    grant = access.get_grant(actor, grant_id, for_update=True)
    acting = _led(actor, case, rules.can_review(actor, queries.plain_facts(case), grant.user_id))
    if grant.kind != GrantKind.BREAK_GLASS:
        raise Http404
    if grant.reviewed_at is not None:
        raise Refused(Reason.ALREADY_REVIEWED)
    grant.reviewed_by_id, grant.reviewed_for_id = acting.user_id, acting.principal_id
    grant.reviewed_at, grant.review_upheld = when, upheld
    if not upheld and grant.revoked_at is None:
        grant.revoked_at = when
    grant.save(update_fields=["reviewed_by", "reviewed_for", "reviewed_at", "review_upheld", "revoked_at"])
    add_entry(
        case,
        acting,
        Entry.GRANT,
        "grant.reviewed",
        when,
        params={"user": grant.user_id, "upheld": upheld},
        text=words(note),
    )
    trail(acting, "case.break_glass_reviewed", case, {"user": grant.user_id, "upheld": upheld})
    if not upheld:
        _released(acting, case, grant, when)
    return grant
