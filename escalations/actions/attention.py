"""Drawing attention, and giving it: watchers, escalation, acknowledgement, and having looked."""

from datetime import datetime

from django.http import Http404

from escalations import queries, rules
from escalations.choices import MAX_LEVEL, Entry, Reason, Sensitivity
from escalations.models import Case, Watcher
from escalations.queries import KIND
from portal.accounts.rules import Actor
from sla import actions as sla
from sla import queries as clock_queries

from . import clocks
from ._base import Outcome, Refused, add_entry, add_reason, locked, moment, required, save, touch, trail, words
from .telling import tell


def watch(*, actor: Actor, ref: str | int) -> Case:
    """Hear of the case from now on. Once is enough. Raises Refused, Http404."""
    with locked(actor, ref) as case:
        acting = required(actor, rules.can_watch(actor, queries.facts_of(actor, case)))
        _made, new = Watcher.objects.get_or_create(case=case, user_id=actor.user_id or 0)
        if new:
            trail(acting, "case.watched", case)
        return case


def unwatch(*, actor: Actor, ref: str | int) -> Case:
    """Hear of it no more. Raises Http404."""
    with locked(actor, ref) as case:
        gone, _by_model = Watcher.objects.filter(case=case, user_id=actor.user_id or 0).delete()
        if gone:
            trail(actor, "case.unwatched", case)
        return case


def escalate(
    *,
    actor: Actor,
    ref: str | int,
    reason: str,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> Outcome:
    """Raise the case to the next escalation level; whom the policy names for it is told. Raises Refused, Stale, Http404."""
    when = moment(at)
    why = words(reason, needed=Reason.REASON_NEEDED)
    with locked(actor, ref, expected_version) as case:
        acting = required(actor, rules.can_escalate(actor, queries.facts_of(actor, case)))
        if case.escalation_level >= MAX_LEVEL:
            raise Refused(Reason.NO_HIGHER_LEVEL)
        case.escalation_level += 1
        save(case, when, "escalation_level")
        params = {"level": case.escalation_level}
        entry = add_entry(case, acting, Entry.ESCALATION, "escalation.raised", when, params=params)
        add_reason(case, acting, when, why)
        trail(acting, "case.escalated", case, params)
        payload = {"case": case.pk, "policy_version": clocks.policy_version_of(case), "by": actor.user_id, **params}
        tell("case.escalated", str(entry.pk), payload)
        return Outcome(case)


def acknowledge_clock(*, actor: Actor, ref: str | int, clock_id: int, at: datetime | None = None) -> Case:
    """Take on a breach: no further level is alarmed. Raises Refused, Http404 (also for another case's clock)."""
    when = moment(at)
    with locked(actor, ref) as case:
        acting = required(actor, rules.may_work(actor, queries.facts_of(actor, case)))
        views = clock_queries.clocks_of(KIND, [case.pk])[case.pk]
        view = next((one for one in views if one.id == clock_id), None)
        if view is None:
            raise Http404
        if sla.acknowledge(actor=acting, clock_id=clock_id, at=when) is None:
            raise Refused(Reason.NOT_POSSIBLE)
        params = {"metric": view.metric, "cycle": view.cycle}
        add_entry(case, acting, Entry.CLOCK, "clock.acknowledged", when, params=params)
        touch(case, when)
        trail(acting, "case.clock_acknowledged", case, {"clock": clock_id, **params})
        return case


def record_view(*, actor: Actor, case: Case) -> None:
    """Somebody looked at a case that not everybody may know of: one row in the audit trail."""
    if case.sensitivity != Sensitivity.STANDARD:
        verdict = rules.can_see(actor, queries.facts_of(actor, case))
        trail(required(actor, verdict), "case.viewed", case, {"sensitivity": str(case.sensitivity)})
