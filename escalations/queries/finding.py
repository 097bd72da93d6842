"""Finding cases by words, wherever they stand: in the case, in its entries, in how the customer is known.

A word that very many cases hold must not cost more than a rare one, so the newest cases are looked through first and the
search ends with `NEWEST` of them. The index narrows by itself, through marks among the words: `@a…` and `@b…` say which
thousand and which 65,000 cases in a row it belongs to, `@s`, `@v` and `@r` its site, service and raiser, `@o` and `@e` whether
it is open or ended, `@p` that partner users may read it. What the marks say is checked against the case itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, Final

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Upper

from escalations.choices import OPEN_STATES
from escalations.models import OPEN, Case, CaseOrigin, CaseWords
from escalations.rules import case_number
from portal.accounts.rules import Actor
from portal.ui.textsearch import clean, query_text, split

from .scope import Scope, condition, scope_of

#: So many cases are ranked; of more, the newest.
NEWEST: Final = 100
# The windows that are looked through one after another: a mark, for how many cases it stands as a power of two, how many of them.
_STEPS: Final = (("a", 10, 2), ("a", 10, 16), ("b", 16, 2))
# Of a word that only old cases hold, and very many of them, no more rows than this are looked at.
_ROWS_AT_MOST: Final = 5_000
# Shorter parts of a booking number would fit too much.
_PART: Final = 4
_BEGINNING_SO: Final = 5
# So many ways to go on from the beginning of a word are looked for.
_SPELLINGS: Final = 20
_NO_SCOPE: Final = Scope()
_BEGUN: Final = """
SELECT word FROM (
    SELECT unnest(tsvector_to_array(words)) AS word FROM (
        SELECT words FROM (SELECT words FROM escalations_casewords WHERE words @@ %s::tsquery LIMIT 2000) AS newest
        WHERE words @@ to_tsquery('simple', %s) LIMIT 300
    ) AS holding
) AS held WHERE starts_with(word, %s) GROUP BY word ORDER BY count(*) DESC, word LIMIT %s
"""


class Way(IntEnum):
    """How a case was found, the surest first."""

    REFERENCE = 0
    BEGINNING = 1
    WORDS = 2


@dataclass(frozen=True, slots=True)
class Found:
    """A case, and the entry where the words stand (None: in the case itself). `through`: the case where they stand, which
    was merged into this one."""

    case_id: int
    state: str
    merged_into: int | None = None
    entry_id: int | None = None
    way: Way = Way.WORDS
    through: int | None = None

    @property
    def rank(self) -> tuple[int, bool, int]:
        """The surest first, then open before ended, then the newest."""
        return self.way, self.state not in OPEN_STATES, -self.case_id


@dataclass(frozen=True, slots=True)
class Sight:
    """What a reader may look through: all that they see, and what of it is shown to them with internal notes. `newest`: the
    number of the newest case of all."""

    whole: Scope
    inside: Scope
    newest: int

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing at all that the reader sees."""
        return self.whole == _NO_SCOPE

    @property
    def cases(self) -> Q:
        """Cases in sight."""
        return condition(self.whole)

    @property
    def words(self) -> Q:
        """Rows of words in sight."""
        seen = _of_case(condition(self.whole))
        if self.inside == self.whole:
            return seen
        return seen & (Q(is_internal=False) | _of_case(condition(self.inside)))


def sight_of(actor: Actor) -> Sight:
    """What the actor may look through. At most five queries; three for all who are of the company or of a partner alone."""
    whole = scope_of(actor)
    newest = Case.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    standings = tuple(one for one in actor.standings if one.may("see_internal"))
    if len(standings) == len(actor.standings):
        return Sight(whole, whole, newest)
    return Sight(whole, scope_of(replace(actor, standings=standings)) if standings else _NO_SCOPE, newest)


def find_cases(sight: Sight, text: str, *, services: Sequence[int] = (), is_open: bool | None = None) -> list[Found]:
    """Cases that hold all the words, ranked: the reference itself, references that begin so, then open before ended, the
    newest first. One more than `NEWEST` says that there are others. Ten queries at most, whatever is looked for."""
    narrowed = _narrowed(services, is_open)
    found = [*_by_reference(sight, text, narrowed), *_by_words(sight, text, services, is_open)]
    if len(found) <= NEWEST:
        found += _by_part(sight, text, narrowed)
    return _ranked(_going_on(sight, found))[: NEWEST + 1]


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
        if one.merged_into in states and one.way == Way.WORDS
        else one
        for one in found
    ]


def words_in_sight(sight: Sight) -> QuerySet[CaseWords]:
    """Rows of words that the reader may read, of the newest cases."""
    marks = [*_marks(sight, (), None), *next(_windows(sight))]
    held = CaseWords.objects.filter(words=_Marks(" & ".join(marks))).values("pk")[:_ROWS_AT_MOST]
    return CaseWords.objects.filter(sight.words, pk__in=held)


def _narrowed(services: Sequence[int], is_open: bool | None) -> Q:
    found = Q(service_id__in=services) if services else Q()
    return found if is_open is None else found & (OPEN if is_open else ~OPEN)


def _of_case(given: Q) -> Q:
    """A condition on cases as one on what belongs to them."""
    found = Q()
    found.connector, found.negated = given.connector, given.negated
    found.children = [
        _of_case(child) if isinstance(child, Q) else (f"case__{child[0]}", child[1]) for child in given.children
    ]
    return found


# -- by reference


def _by_reference(sight: Sight, text: str, narrowed: Q) -> Iterator[Found]:
    """The case of this number, then the newest whose number begins so."""
    number = case_number(text)
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
    return [Found(*row, way=way) for row in rows]


# -- by words


class _Marks(SearchQuery):
    """Marks as they are: the parser of texts would drop their @."""

    def as_sql(self, compiler: Any, connection: Any, function: str | None = None, template: str | None = None) -> Any:
        return "%s::tsquery", [self.marks]

    def __init__(self, marks: str) -> None:
        super().__init__(marks, search_type="raw")
        self.marks = marks


def _by_words(sight: Sight, text: str, services: Sequence[int], is_open: bool | None) -> list[Found]:
    words = _spelled_out(query_text(text), sight)
    if not words:
        return []
    narrowed = _of_case(_narrowed(services, is_open))
    marks = list(_marks(sight, services, is_open))
    found: dict[int, Found] = {}
    for window in _windows(sight):
        for one in _looked_up(sight, words, [*marks, *window], narrowed):
            found.setdefault(one.case_id, one)
        if len(found) > NEWEST:
            break
    else:
        for one in _let_in(sight, words, narrowed):
            found.setdefault(one.case_id, one)
    return sorted(found.values(), key=lambda one: -one.case_id)[: NEWEST + 1]


def _spelled_out(words: str, sight: Sight) -> str:
    """The query with the beginning of a word replaced by the words that begin so, where it is the beginning of common ones:
    the index would collect every row of every such word before it looks at anything else."""
    if not words.endswith(":*"):
        return words
    before, _and, last = words.rpartition(" & ")
    beginning = last.removesuffix(":*")
    with connection.cursor() as cursor:
        cursor.execute(_BEGUN, [next(_windows(sight))[0], last, beginning, _SPELLINGS])
        common = {word for (word,) in cursor.fetchall() if word.isalnum()}
    if not common:
        return words
    return f"{before}{_and}({' | '.join(sorted({beginning, *common}))})"


def _windows(sight: Sight) -> Iterator[list[str]]:
    """Marks of the newest cases, of more and more of them, of all."""
    for mark, power, count in _STEPS:
        last = sight.newest >> power
        yield [_any(mark, range(max(last - count + 1, 0), last + 1))]
        if last < count:
            return
    yield []


def _marks(sight: Sight, services: Sequence[int], is_open: bool | None) -> Iterator[str]:
    if is_open is not None:
        yield "'@o'" if is_open else "'@e'"
    if services:
        yield _any("v", services)
    if sight.inside == _NO_SCOPE and sight.whole != _NO_SCOPE:
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


def _any(mark: str, ids: Iterable[int]) -> str:
    return f"({' | '.join(f"'@{mark}{pk}'" for pk in sorted(ids))})"


def _looked_up(sight: Sight, words: str, marks: Sequence[str], narrowed: Q) -> list[Found]:
    query = SearchQuery(words, config="simple", search_type="raw")
    asked = query & _Marks(" & ".join(marks)) if marks else query
    held = CaseWords.objects.filter(words=asked).values("pk")[:_ROWS_AT_MOST]
    return _cases_of(CaseWords.objects.filter(pk__in=held).filter(sight.words & narrowed))


def _let_in(sight: Sight, words: str, narrowed: Q) -> list[Found]:
    """Those among the single cases that somebody was let into."""
    single = sorted(sight.whole.granted | sight.whole.let_in)
    if not single:
        return []
    query = SearchQuery(words, config="simple", search_type="raw")
    return _cases_of(CaseWords.objects.filter(case__in=single, words=query).filter(sight.words & narrowed))


def _cases_of(rows: Any) -> list[Found]:
    """Each case once, by its own words if they stand there, else by its newest entry."""
    once = rows.order_by("-case_id", F("entry_id").desc(nulls_first=True)).distinct("case_id")
    found = once.values_list("case_id", "case__state", "case__merged_into_id", "entry_id")[: NEWEST + 1]
    return [Found(*row) for row in found]


# -- by a part of how the customer is known


def _by_part(sight: Sight, text: str, narrowed: Q) -> list[Found]:
    """Cases by a part of a booking number, an address or, for those inside, the number that the case had elsewhere."""
    part = clean(text).strip()
    if len(part) < _PART or not _like_a_number(part):
        return []
    held = CaseWords.objects.filter(entry=None, handle__contains=part).values("pk")[:_ROWS_AT_MOST]
    found = _cases_of(CaseWords.objects.filter(pk__in=held).filter(sight.words & _of_case(narrowed)))
    if sight.inside == _NO_SCOPE:
        return found
    held = CaseOrigin.objects.annotate(upper=Upper("external_ref")).filter(upper__contains=part.upper())
    cases = Case.objects.filter(condition(sight.inside)).filter(narrowed)
    return found + _found(cases.filter(pk__in=held.values("case")[:_ROWS_AT_MOST]), NEWEST + 1)


def _like_a_number(part: str) -> bool:
    """One word with a digit, or an address."""
    words = split(part)
    return " " not in part and bool(words) and ("@" in part or any(character.isdigit() for character in part))
