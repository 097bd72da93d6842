"""Cases by the words of their rows.

A word that very many cases hold must not cost more than a rare one, so the newest cases are looked through first and the
search ends with `NEWEST` of them. The index narrows by itself, through marks among the words: `@a…` and `@b…` say which
thousand and which 65,000 cases in a row it belongs to, `@s`, `@v` and `@r` its site, service and raiser, `@o` and `@e` whether
it is open or ended, `@p` that partner users may read it. What the marks say is checked against the case itself.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.db.models import F, Q, QuerySet

from escalations.models import OPEN, CaseWords

from .finding_asked import Asked, Marks, any_of, in_words, is_common, windows, with_marks
from .finding_sight import NO_SCOPE, Found, Sight, of_case

#: So many cases are ranked; of more, the newest.
NEWEST: Final = 100
#: Of what only old cases hold, and very many of them, no more rows than this are looked at.
ROWS_AT_MOST: Final = 5_000
# To ask the index for more places at once takes longer than to leave out afterwards what is elsewhere.
_MARKS: Final = 4
# Windows that are looked through for what each of very many rows holds a part of, and hardly any the whole.
_NEWER: Final = 2


def by_words(sight: Sight, asked: Asked, services: Sequence[int], is_open: bool | None) -> tuple[list[Found], bool]:
    """Cases of which one row holds all the words, the newest of them; one more than `NEWEST` says that there are others. And
    whether older cases were left out: those with words that are common, but not in one row."""
    if not asked.units:
        return [], False
    narrowed = of_case(narrowed_to(services, is_open))
    often = is_common(sight, asked.words)
    if not (often or asked.is_heavy):
        # Few rows of anybody: to look at them costs less than to intersect them with places.
        rare = _looked_up(sight, asked.words, [], [], narrowed)
        if len(rare) > NEWEST or not is_cut(asked.words, []):
            return rare, False
        often = True
    marks = list(marks_of(sight, services, is_open))
    marks = marks if often else few(marks)
    steps, are_all = _steps(sight, asked, often)
    found: dict[int, Found] = {}
    for window in steps:
        for one in _looked_up(sight, asked.words, marks, window, narrowed):
            found.setdefault(one.case_id, one)
        if len(found) > NEWEST:
            break
    else:
        for one in _let_in(sight, asked.words, narrowed):
            found.setdefault(one.case_id, one)
    newest = sorted(found.values(), key=lambda one: -one.case_id)[: NEWEST + 1]
    if len(newest) > NEWEST:
        return newest, False
    return newest, not are_all or is_cut(asked.words, [*marks, *steps[-1]])


def _steps(sight: Sight, asked: Asked, often: bool) -> tuple[list[list[str]], bool]:
    """The windows to look through, and whether they are all cases: to intersect what is in very many rows takes long, unless
    the reader sees few of them."""
    steps = list(windows(sight))
    if not asked.is_heavy or sight.is_of_raisers:
        return steps, True
    newer = [window for window in steps if window][: None if often else _NEWER]
    return newer, len(newer) == len(steps)


def few(marks: Sequence[str]) -> list[str]:
    """The marks, if they are so few that the index is faster with them: else what is elsewhere is left out afterwards."""
    return list(marks) if sum(mark.count("@") for mark in marks) <= _MARKS else []


def words_in_sight(sight: Sight) -> QuerySet[CaseWords]:
    """Rows of words that the reader may read, of the newest cases, the newest first."""
    marks = [*marks_of(sight, (), None), *next(windows(sight))]
    held = _newest_rows(CaseWords.objects.filter(words=Marks(" & ".join(marks)))).values("pk")
    return CaseWords.objects.filter(sight.words, pk__in=held).order_by("-case_id", "-pk")


def marks_of(sight: Sight, services: Sequence[int], is_open: bool | None) -> Iterator[str]:
    """Marks that all have of which the reader sees rows, but for single cases."""
    if is_open is not None:
        yield "'@o'" if is_open else "'@e'"
    if services:
        yield any_of("v", services)
    if sight.inside == NO_SCOPE and sight.whole != NO_SCOPE:
        yield "'@p'"
    scope = sight.whole
    if not scope.everything and not scope.levels:
        places = [
            *(f"'@s{pk}'" for pk in sorted(scope.sites)),
            *(f"'@v{pk}'" for pk in sorted(scope.services)),
            *(f"'@r{pk}'" for pk in sorted(scope.raisers)),
        ]
        # Who is in none of them is let into single cases, or into nothing.
        yield f"({' | '.join(places)})" if places else "'@none'"


def is_cut(words: str, marks: Sequence[str]) -> bool:
    """Whether more rows hold the words than are looked at. One query."""
    return CaseWords.objects.filter(words=with_marks(words, marks)).order_by()[ROWS_AT_MOST:].exists()


def _newest_rows(rows: QuerySet[CaseWords]) -> QuerySet[CaseWords]:
    # The sum keeps the database from walking all rows by their case until it has found enough.
    return rows.order_by((F("case_id") + 0).desc(), "-pk")[:ROWS_AT_MOST]


def looked_at(words: str, marks: Sequence[str], window: Sequence[str]) -> QuerySet[CaseWords]:
    """The rows with these words and marks that are looked at: of a window the newest, of all cases any, as to put all in order
    would take long."""
    rows = CaseWords.objects.filter(words=with_marks(words, [*marks, *window]))
    return _newest_rows(rows) if window else rows[:ROWS_AT_MOST]


def _looked_up(sight: Sight, words: str, marks: Sequence[str], window: Sequence[str], narrowed: Q) -> list[Found]:
    held = looked_at(words, marks, window).values("pk")
    return cases_of(CaseWords.objects.filter(pk__in=held).filter(sight.words & narrowed))


def _let_in(sight: Sight, words: str, narrowed: Q) -> list[Found]:
    """Those among the single cases that somebody was let into."""
    single = sorted(sight.whole.granted | sight.whole.let_in)
    if not single:
        return []
    rows = CaseWords.objects.filter(case__in=single, words=in_words(words))
    return cases_of(rows.filter(sight.words & narrowed))


def cases_of(rows: Any) -> list[Found]:
    """Each case once, by its own words if they stand there, else by its newest entry."""
    once = rows.order_by("-case_id", F("entry_id").desc(nulls_first=True)).distinct("case_id")
    found = once.values_list("case_id", "case__state", "case__merged_into_id", "entry_id")[: NEWEST + 1]
    return [Found(*row) for row in found]


def narrowed_to(services: Sequence[int], is_open: bool | None) -> Q:
    """A condition on cases: of these services, open or ended."""
    found = Q(service_id__in=services) if services else Q()
    return found if is_open is None else found & (OPEN if is_open else ~OPEN)
