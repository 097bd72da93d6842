"""What a case's clocks do when something happens to the case. The caller holds the case's lock.

The rules are written down, with reasons, in docs/decisions/case-clocks.md.
"""

from collections.abc import Mapping
from datetime import datetime

from escalations.choices import OPEN_STATES, Direction, Entry, Metric
from escalations.models import Case, TimelineEntry
from escalations.queries import KIND
from escalations.queries.promises import dimensions, dimensions_at
from portal.accounts.rules import Actor
from sla import actions as sla
from sla import queries as clock_queries

# What a new case owes, and a reopened one again.
OWED = (Metric.FIRST_RESPONSE.value, Metric.RESOLUTION.value)
REPLIES = (Metric.FIRST_RESPONSE.value, Metric.NEXT_REPLY.value)


def promised(case: Case, partner_id: int | None, waiting_since: datetime | None = None) -> list[sla.Promise]:
    """What a case that is not written yet will owe: first response and resolution, from when it is opened; the first
    response from before, if the customer waits since then."""
    asked, state = dimensions_at(case, partner_id), str(case.state)
    if waiting_since is None or waiting_since >= case.opened_at:
        return [sla.promise(subject_kind=KIND, dimensions=asked, metrics=OWED, at=case.opened_at, state=state)]
    starts = zip(OWED, (waiting_since, case.opened_at), strict=True)
    return [sla.promise(subject_kind=KIND, dimensions=asked, metrics=[m], at=at, state=state) for m, at in starts]


def keep(actor: Actor, case: Case, promises: list[sla.Promise]) -> None:
    """Start the clocks of a case that was written in this transaction."""
    for promise in promises:
        sla.start_promised(actor=actor, subject_kind=KIND, subject_id=case.pk, promised=promise)


def begin(actor: Actor, case: Case, at: datetime) -> None:
    """A new cycle of a reopened case: first response and resolution with a full target."""
    sla.start(
        actor=actor,
        subject_kind=KIND,
        subject_id=case.pk,
        dimensions=dimensions(case),
        metrics=OWED,
        at=at,
        cycle=case.cycle,
        state=str(case.state),
    )


def state_changed(actor: Actor, case: Case, at: datetime) -> None:
    """Pause or resume, as each clock's policy says of the state."""
    sla.state_changed(actor=actor, subject_kind=KIND, subject_id=case.pk, state=str(case.state), at=at)


def resolved(actor: Actor, case: Case, at: datetime) -> None:
    """Resolving answers everything that is still owed."""
    for metric in Metric.values:
        sla.meet(actor=actor, subject_kind=KIND, subject_id=case.pk, metric=metric, at=at)


def cancelled(actor: Actor, case: Case, at: datetime) -> None:
    """Rejected: nothing that we promised is owed any more."""
    # What the law asks for is owed for a rejected case as well.
    sla.cancel(actor=actor, subject_kind=KIND, subject_id=case.pk, metrics=Metric.values, at=at)


def owes_reply(case: Case) -> bool:
    """Whether the customer waits for us: a clock of a reply runs."""
    views = clock_queries.clocks_of(KIND, [case.pk]).get(case.pk, [])
    return any(view.metric in REPLIES and view.state == "running" for view in views)


def merged(actor: Actor, source: Case, target: Case, at: datetime) -> int:
    """The source owes nothing any more, the target the earlier of both promises, paused as its own state says.

    Returns the round that the target's clocks are in now: a promise that it had met already goes on as another round.
    """
    sla.merge_due(actor=actor, subject_kind=KIND, source_id=source.pk, target_id=target.pk, at=at)
    state_changed(actor, target, at)
    views = clock_queries.clocks_of(KIND, [target.pk]).get(target.pk, [])
    return max((view.cycle for view in views if view.metric in OWED), default=target.cycle)


def answered(actor: Actor, case: Case, at: datetime) -> None:
    """We got in touch: meets the first response and the next reply, unless they began after that."""
    for view in clock_queries.clocks_of(KIND, [case.pk]).get(case.pk, []):
        if view.metric in REPLIES and view.state in ("running", "paused") and view.started_at <= at:
            sla.meet(actor=actor, subject_kind=KIND, subject_id=case.pk, metric=view.metric, at=at)


def asked(actor: Actor, case: Case, at: datetime) -> None:
    """The customer got in touch: a reply is owed, counted from the first message that nobody answered yet."""
    if case.state not in OPEN_STATES or _answered_since(case, at):
        return
    views = [v for v in clock_queries.clocks_of(KIND, [case.pk]).get(case.pk, []) if v.metric == Metric.NEXT_REPLY]
    if any(view.state in ("running", "paused") for view in views):
        return
    sla.start(
        actor=actor,
        subject_kind=KIND,
        subject_id=case.pk,
        dimensions=dimensions(case),
        metrics=[Metric.NEXT_REPLY.value],
        at=at,
        cycle=1 + max((view.cycle for view in views), default=0),
        state=str(case.state),
    )


def _answered_since(case: Case, at: datetime) -> bool:
    later = TimelineEntry.objects.filter(case=case, kind=Entry.CONTACT, direction=Direction.OUTBOUND, at__gte=at)
    return later.exists()


def recompute(actor: Actor, case: Case, at: datetime) -> None:
    """Severity or service changed: running clocks are counted anew from their start, their pauses kept."""
    sla.recompute(
        actor=actor,
        subject_kind=KIND,
        subject_id=case.pk,
        dimensions=dimensions(case),
        at=at,
        state=str(case.state),
    )


def policy_version_of(case: Case) -> int | None:
    """The policy that the case's newest clock follows, those by law left out, which follow none; None without one."""
    views = clock_queries.clocks_of(KIND, [case.pk]).get(case.pk, [])
    followed = [view for view in views if view.policy_version_id is not None]
    return max(followed, key=lambda view: view.id).policy_version_id if followed else None


Changes = Mapping[str, object]
