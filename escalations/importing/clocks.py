"""The clocks of imported cases, with the past they have behind them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from escalations.actions.clock_events import on_due_changed
from escalations.choices import Metric, State
from escalations.importing.history import Cycle, History
from escalations.importing.writing import Known, Placed
from escalations.queries import KIND
from portal.accounts.rules import SYSTEM
from sla import actions as sla


def dimensions(placed: Placed, partner_of_site: Mapping[int, int]) -> dict[str, str]:
    """What a policy may ask of an imported case."""
    return {
        "service": str(placed.service_id),
        "severity": str(placed.history.values.get("severity") or 3),
        "partner": str(partner_of_site.get(placed.site_id or 0, "")),
        "channel": str(placed.history.values.get("channel") or "import"),
    }


def start_clocks(
    ids: Mapping[str, int], batch: Sequence[Placed], partner_of_site: Mapping[int, int], now: datetime
) -> None:
    """Clocks for new cases: what lies before `now` is written, and nobody is told of it."""
    rows = [
        row
        for placed in batch
        for row in _rows(ids[placed.history.key], placed.history, dimensions(placed, partner_of_site))
    ]
    sla.bulk_start(actor=SYSTEM, subject_kind=KIND, rows=rows, silent_before=now)
    on_due_changed([ids[p.history.key] for p in batch])


def _rows(case_id: int, history: History, about: Mapping[str, str]) -> Iterator[sla.BulkClock]:
    for cycle in history.cycles:
        yield _clock(case_id, Metric.RESOLUTION, about, cycle, cycle.ended_at, history.state)
    first = history.cycles[0]
    answered = history.first_response_at or first.ended_at
    yield _clock(case_id, Metric.FIRST_RESPONSE, about, first, answered, history.state)


def _clock(
    case_id: int, metric: str, about: Mapping[str, str], cycle: Cycle, ended_at: datetime | None, state: str
) -> sla.BulkClock:
    rejected = state == State.REJECTED and ended_at is not None
    return sla.BulkClock(
        subject_id=case_id,
        metric=str(metric),
        dimensions=about,
        started_at=cycle.started_at,
        cycle=cycle.number,
        states=[(at, state) for at, state in _states(cycle)],
        met_at=None if rejected or ended_at is None else max(ended_at, cycle.started_at),
        cancelled_at=ended_at if rejected else None,
    )


def _states(cycle: Cycle) -> Iterator[tuple[datetime, str]]:
    for begin, end, state in cycle.pauses:
        yield begin, state
        if end is not None:
            yield end, str(State.IN_PROGRESS)


def follow(known: Known, placed: Placed, partner_of_site: Mapping[int, int], now: datetime) -> None:
    """Bring the clocks of a case that came before to where the source has it now, in silence about the past."""
    history, about = placed.history, dimensions(placed, partner_of_site)
    hand = _Hand(known.case.pk, now)
    for cycle in history.cycles:
        hand.start(about, cycle)
        for begin, end, state in cycle.pauses:
            hand.turn(state, begin)
            if end is not None:
                hand.turn(str(State.IN_PROGRESS), end)
        if cycle.ended_at is not None:
            hand.meet(Metric.RESOLUTION, cycle.ended_at)
    if history.first_response_at:
        hand.meet(Metric.FIRST_RESPONSE, history.first_response_at)
    sla.recompute(
        actor=SYSTEM,
        subject_kind=KIND,
        subject_id=known.case.pk,
        dimensions=about,
        at=now,
        state=history.state,
        silent_before=now,
    )


@dataclass(frozen=True, slots=True)
class _Hand:
    """Moves the clocks of one case, telling nobody of what lies before `now`."""

    case_id: int
    now: datetime

    def start(self, about: Mapping[str, str], cycle: Cycle) -> None:
        sla.start(
            actor=SYSTEM,
            subject_kind=KIND,
            subject_id=self.case_id,
            dimensions=about,
            metrics=[str(Metric.RESOLUTION)],
            at=cycle.started_at,
            cycle=cycle.number,
            silent_before=self.now,
        )

    def turn(self, state: str, at: datetime) -> None:
        sla.state_changed(
            actor=SYSTEM, subject_kind=KIND, subject_id=self.case_id, state=state, at=at, silent_before=self.now
        )

    def meet(self, metric: str, at: datetime) -> None:
        sla.meet(
            actor=SYSTEM, subject_kind=KIND, subject_id=self.case_id, metric=str(metric), at=at, silent_before=self.now
        )
