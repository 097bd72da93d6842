"""Which answers by law the complaints that a case is, and those merged into it, still wait for.

A mail that did not arrive was no answer. One that was sent after all is the answer again to what it was the answer to, and to
nothing that came in since: its second response names those that count through it, and counts for nothing by itself.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from escalations.choices.mail import NOT_ARRIVED
from escalations.models import Case, StatutoryDeadline, StatutoryResponse, TimelineEntry

#: The entry that says that an answer did not arrive, and is owed again.
LOST: Final = "statutory.lost"

_Said = tuple[int, str, int]


def still_promised(case_id: int) -> dict[str, tuple[datetime, datetime]]:
    """Per duty the earliest due of all that is awaited, with its receipt. What a mail answered that did not arrive waits still.
    Six queries."""
    found: dict[str, tuple[datetime, datetime]] = {}
    for row in awaited(case_id):
        promise = (row.due_at, row.regulation.received_at)
        found[row.duty] = min(promise, found.get(row.duty, promise))
    return found


def awaited(case_id: int, *, counting: Collection[int] = ()) -> list[StatutoryDeadline]:
    """Each deadline of each of these complaints that nothing answered; `counting`: as if these responses, which got lost, had
    not. Six queries."""
    cases = _together(case_id)
    rows = StatutoryDeadline.objects.filter(regulation__case__in=cases, regulation__lifted_at=None)
    ended = TimelineEntry.objects.filter(case__in=cases, code="link.merged_into").order_by("pk")
    mergings = {case: (pk, params["case"]) for case, pk, params in ended.values_list("case_id", "pk", "params")}
    said, gone = _responses(cases, counting)
    return [
        row
        for row in rows.select_related("regulation", "clock")
        if not _answered_there(row, said, gone) and not _answered_since(row, mergings, said)
    ]


def told_lost(case_id: int) -> set[int]:
    """Responses by mails that did not arrive, of the case and of those merged into it, of which it was said that they are owed
    again. They count no more, whatever becomes of the mail, unless another response says that they do."""
    return _told_lost(_together(case_id))


def lost_among(cases: Sequence[int]) -> set[int]:
    """The same, and those whose mail has not arrived as it stands now."""
    now = StatutoryResponse.objects.filter(case__in=cases, contact__mail_out__state__in=NOT_ARRIVED)
    return {*_told_lost(cases), *now.values_list("pk", flat=True)}


def _together(case_id: int) -> list[int]:
    return [case_id, *Case.objects.filter(merged_into=case_id).values_list("pk", flat=True)]


def _told_lost(cases: Sequence[int]) -> set[int]:
    rows = TimelineEntry.objects.filter(case__in=cases, code=LOST)
    return {pk for one in rows.values_list("params__responses", flat=True) for pk in one}


def _responses(cases: Sequence[int], counting: Collection[int]) -> tuple[list[_Said], dict[int, int]]:
    """What counts: case, duty and entry; and of what got lost, the entry by the clock that it had met."""
    rows = StatutoryResponse.objects.filter(case__in=cases)
    all_ = list(rows.values_list("pk", "case_id", "duty", "entry_id", "clock_id", "entry__params__again"))
    lost = lost_among(cases)
    lost -= {pk for one in all_ if one[0] not in lost for pk in one[-1] or ()}
    lost -= set(counting)
    own = [one for one in all_ if not one[-1]]
    said = [(case, duty, entry) for pk, case, duty, entry, _clock, _again in own if pk not in lost]
    return said, {clock: entry for pk, _case, _duty, entry, clock, _again in own if pk in lost}


def _answered_there(row: StatutoryDeadline, said: Sequence[_Said], gone: Mapping[int, int]) -> bool:
    """Whether its own case answered it: by what met its clock, or, where that got lost, by something after it."""
    if row.clock.state != "met":
        return False
    lost, case_id = gone.get(row.clock_id), row.regulation.case_id
    return lost is None or any((case, duty) == (case_id, row.duty) and entry > lost for case, duty, entry in said)


def _answered_since(row: StatutoryDeadline, mergings: Mapping[int, tuple[int, int]], said: Sequence[_Said]) -> bool:
    """Whether an answer that was recorded after its case was merged, where it went on, was the answer to it as well."""
    case_id = row.regulation.case_id
    while case_id in mergings:
        merged, case_id = mergings[case_id]
        if any((case, duty) == (case_id, row.duty) and entry > merged for case, duty, entry in said):
            return True
    return False
