"""Finding cases by reference, by words wherever they stand, and by parts of how the customer is known."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from django.db.models import Q
from django.db.models.functions import Upper

from escalations.models import Case, CaseOrigin, CaseWords
from escalations.rules import typed_number
from portal.ui.textsearch import clean, split

from .finding_apart import by_words_apart
from .finding_asked import asked_in
from .finding_rows import NEWEST, ROWS_AT_MOST, by_words, cases_of, narrowed_to
from .finding_sight import NO_SCOPE, Finds, Found, Rank, Sight, Way, of_case
from .scope import condition

# Shorter parts of a booking number would fit too much.
_PART: Final = 4
_BEGINNING_SO: Final = 5


def find_cases(
    sight: Sight,
    text: str,
    *,
    services: Sequence[int] = (),
    is_open: bool | None = None,
    after: Rank | None = None,
    size: int = NEWEST,
) -> Finds:
    """Cases that hold all the words, ranked: the reference itself, references that begin so, what stands in one row, then what
    stands apart; in each open before ended, the newest first. One more than `NEWEST` says that there are others.

    What stands apart is looked for only where the others do not fill a page of `size` after `after`.
    """
    narrowed = narrowed_to(services, is_open)
    asked = asked_in(sight, text)
    words, is_short = by_words(sight, asked, services, is_open)
    found = [*_by_reference(sight, text, narrowed), *words]
    if len(found) <= NEWEST:
        found += _by_part(sight, text, narrowed)
    found = _ranked(_going_on(sight, found))[: NEWEST + 1]
    left = len(found) if after is None else sum(one.rank > after for one in found)
    if len(found) > NEWEST or left > size or typed_number(text):
        return Finds(found, is_short)
    apart, some_are_left = by_words_apart(sight, asked, services, is_open)
    return Finds(_ranked([*found, *_going_on(sight, apart)])[: NEWEST + 1], is_short or some_are_left)


def _ranked(found: Iterable[Found]) -> list[Found]:
    """Each case once, as it was found most surely."""
    once: dict[int, Found] = {}
    for one in sorted(found, key=lambda one: one.rank):
        once.setdefault(one.case_id, one)
    return list(once.values())


def _going_on(sight: Sight, found: Sequence[Found]) -> list[Found]:
    """What stands in a merged case leads to the one that goes on, if the reader sees that one. A query if there is any."""
    ended = {one.merged_into for one in found if one.merged_into is not None}
    if not ended:
        return list(found)
    states = dict(Case.objects.filter(sight.cases, pk__in=ended).values_list("pk", "state"))
    return [
        replace(one, case_id=one.merged_into, state=states[one.merged_into], merged_into=None, through=one.case_id)
        if one.merged_into in states and one.way >= Way.WORDS
        else one
        for one in found
    ]


def _by_reference(sight: Sight, text: str, narrowed: Q) -> Iterator[Found]:
    """The case of this number, then the newest whose number begins so."""
    number = typed_number(text)
    if not number:
        return
    cases = Case.objects.filter(sight.cases).filter(narrowed)
    yield from _found(cases.filter(pk=number), 1, Way.REFERENCE)
    begins = Q(pk__in=[])
    for digits in range(1, len(str(sight.newest)) - len(str(number)) + 1):
        begins |= Q(pk__range=(number * 10**digits, (number + 1) * 10**digits - 1))
    if begins.children:
        yield from _found(cases.filter(begins & Q(pk__lte=sight.newest)), _BEGINNING_SO, Way.BEGINNING)


def _found(cases: Any, limit: int, way: Way = Way.WORDS) -> list[Found]:
    rows = cases.order_by("-pk").values_list("pk", "state", "merged_into_id")[:limit]
    return [Found(pk, state, merged_into, way=way) for pk, state, merged_into in rows]


def _by_part(sight: Sight, text: str, narrowed: Q) -> list[Found]:
    """Cases by a part of a booking number, an address or, for those inside, the number that the case had elsewhere."""
    part = clean(text).strip()
    if len(part) < _PART or not _like_a_number(part):
        return []
    held = CaseWords.objects.filter(entry=None, handle__contains=part).values("pk")[:ROWS_AT_MOST]
    found = cases_of(CaseWords.objects.filter(pk__in=held).filter(sight.words & of_case(narrowed)))
    if sight.inside == NO_SCOPE:
        return found
    origins = CaseOrigin.objects.annotate(upper=Upper("external_ref")).filter(upper__contains=part.upper())
    cases = Case.objects.filter(condition(sight.inside)).filter(narrowed)
    return found + _found(cases.filter(pk__in=origins.values("case")[:ROWS_AT_MOST]), NEWEST + 1)


def _like_a_number(part: str) -> bool:
    """One word with a digit, or an address."""
    words = split(part)
    return " " not in part and bool(words) and ("@" in part or any(character.isdigit() for character in part))
