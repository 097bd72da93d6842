"""Cases by the words of their rows.

A word that very many cases hold must not cost more than a rare one, so the newest cases are looked through first and the
search ends with `NEWEST` of them. The index narrows by itself, through marks among the words: `@a…` and `@b…` say which
thousand and which 65,000 cases in a row it belongs to, `@s`, `@v` and `@r` its site, service and raiser, `@o` and `@e` whether
it is open or ended, `@p` that partner users may read it. What the marks say is checked against the case itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import F, Q, QuerySet

from escalations.models import OPEN, CaseWords
from portal.ui.textsearch import query_text

from .finding_sight import NO_SCOPE, Found, Sight, of_case

#: So many cases are ranked; of more, the newest.
NEWEST: Final = 100
#: Of what only old cases hold, and very many of them, no more rows than this are looked at.
ROWS_AT_MOST: Final = 5_000
# So many rows among those of the newest thousand or two say that there are more than `ROWS_AT_MOST` among a million.
_FEW: Final = 10
# The windows that are looked through one after another: a mark, for how many cases it stands as a power of two, how many of them.
_STEPS: Final = (("a", 10, 2), ("a", 10, 16), ("b", 16, 2))
# So many ways to go on from the beginning of a word are looked for.
_SPELLINGS: Final = 20
_BEGUN: Final = """
SELECT word FROM (
    SELECT unnest(tsvector_to_array(words)) AS word FROM (
        SELECT words FROM (SELECT words FROM escalations_casewords WHERE words @@ %s::tsquery LIMIT 2000) AS newest
        WHERE words @@ to_tsquery('simple', %s) LIMIT 300
    ) AS holding
) AS held WHERE starts_with(word, %s) GROUP BY word ORDER BY count(*) DESC, word LIMIT %s
"""


class _Marks(SearchQuery):
    """Marks as they are: the parser of texts would drop their @."""

    def as_sql(self, compiler: Any, connection: Any, *_args: Any, **_more: Any) -> tuple[str, tuple[str]]:
        return "%s::tsquery", (self.marks,)

    def __init__(self, marks: str) -> None:
        super().__init__(marks, search_type="raw")
        self.marks = marks


def by_words(sight: Sight, text: str, services: Sequence[int], is_open: bool | None) -> list[Found]:
    """Cases that hold all the words, the newest of them; one more than `NEWEST` says that there are others."""
    words = _spelled_out(query_text(text), sight)
    if not words:
        return []
    narrowed = of_case(narrowed_to(services, is_open))
    if not _is_common(sight, words):
        # Few rows of anybody: to look at them costs less than to intersect them with places.
        return _looked_up(sight, words, [], narrowed)
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


def _is_common(sight: Sight, words: str) -> bool:
    """Whether the newest cases hold the words so often that all of them together could be very many."""
    asked = _words(words) & _Marks(" & ".join(next(_windows(sight))))
    return CaseWords.objects.filter(words=asked)[: _FEW + 1].count() > _FEW


def words_in_sight(sight: Sight) -> QuerySet[CaseWords]:
    """Rows of words that the reader may read, of the newest cases, the newest first."""
    marks = [*_marks(sight, (), None), *next(_windows(sight))]
    held = CaseWords.objects.filter(words=_Marks(" & ".join(marks))).values("pk")[:ROWS_AT_MOST]
    return CaseWords.objects.filter(sight.words, pk__in=held).order_by("-case_id", "-pk")


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


def _any(mark: str, ids: Iterable[int]) -> str:
    return f"({' | '.join(f"'@{mark}{pk}'" for pk in sorted(ids))})"


def _words(words: str) -> SearchQuery:
    return SearchQuery(words, config="simple", search_type="raw")


def _looked_up(sight: Sight, words: str, marks: Sequence[str], narrowed: Q) -> list[Found]:
    asked = _words(words) & _Marks(" & ".join(marks)) if marks else _words(words)
    held = CaseWords.objects.filter(words=asked).values("pk")[:ROWS_AT_MOST]
    return cases_of(CaseWords.objects.filter(pk__in=held).filter(sight.words & narrowed))


def _let_in(sight: Sight, words: str, narrowed: Q) -> list[Found]:
    """Those among the single cases that somebody was let into."""
    single = sorted(sight.whole.granted | sight.whole.let_in)
    if not single:
        return []
    rows = CaseWords.objects.filter(case__in=single, words=_words(words))
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
