"""What is looked for: the units of a text, how often the newest cases hold them, and the windows of newer cases."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.contrib.postgres.search import SearchQuery
from django.db import connection

from escalations.models import CaseWords
from portal.ui.textsearch import query_units

from .finding_sight import Sight

# More rows than this among those of the newest thousand or two say that there are thousands among a million cases.
_FEW: Final = 10
# The windows that are looked through one after another: a mark, for how many cases it stands as a power of two, how many of them.
_STEPS: Final = (("a", 10, 2), ("a", 10, 16), ("b", 16, 2))
# Up to here it is counted how often the newest cases hold a word; of a word with more rows than this in all, no rows are
# collected, nor intersected with others.
_COUNTED: Final = 1_000
_HEAVY: Final = 40_000
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
_OFTEN: Final = """(SELECT count(*) FROM (
    SELECT 1 FROM escalations_casewords WHERE words @@ (%s::tsquery && to_tsquery('simple', %s)) LIMIT %s
) AS newest)"""


class Marks(SearchQuery):
    """Marks as they are: the parser of texts would drop their @."""

    def as_sql(self, compiler: Any, connection: Any, *_args: Any, **_more: Any) -> tuple[str, tuple[str]]:
        return "%s::tsquery", (self.marks,)

    def __init__(self, marks: str) -> None:
        super().__init__(marks, search_type="raw")
        self.marks = marks


@dataclass(frozen=True, slots=True)
class Asked:
    """The units of a text, of which a case must hold each: a word, or words that were typed as one. `often`: how many of the
    newest rows hold each, if there are several; `newest`: the number of the newest case."""

    units: tuple[str, ...]
    newest: int
    often: Mapping[str, int] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """All of them together as one query."""
        return " & ".join(self.units)

    @property
    def rarest_first(self) -> list[str]:
        """The units by how often they are held."""
        return sorted(self.often, key=lambda unit: self.often[unit])

    @property
    def rare(self) -> list[str]:
        """Those units of which few rows can be expected among all."""
        return [unit for unit in self.rarest_first if self.often[unit] <= _FEW]

    @property
    def is_heavy(self) -> bool:
        """Whether each of several is in so many rows that even to intersect them would take long."""
        return bool(self.often) and min(self.often.values()) * (self.newest >> 11) > _HEAVY


def asked_in(sight: Sight, text: str) -> Asked:
    """What a text asks for. Two queries at most."""
    units = _spelled_out(sight, query_units(text))
    once = tuple(dict.fromkeys(units))
    return Asked(units, sight.newest, _often(sight, once) if len(once) > 1 else {})


def windows(sight: Sight) -> Iterator[list[str]]:
    """Marks of the newest cases, of more and more of them, of all."""
    for mark, power, count in _STEPS:
        last = sight.newest >> power
        yield [any_of(mark, range(max(last - count + 1, 0), last + 1))]
        if last < count:
            return
    yield []


def any_of(mark: str, ids: Iterable[int]) -> str:
    """One of these marks."""
    return f"({' | '.join(f"'@{mark}{pk}'" for pk in sorted(ids))})"


def in_words(words: str) -> SearchQuery:
    """What rows with these words fulfil."""
    return SearchQuery(words, config="simple", search_type="raw")


def with_marks(words: str, marks: Sequence[str]) -> SearchQuery:
    """What rows with these words and all of these marks fulfil."""
    return in_words(words) & Marks(" & ".join(marks)) if marks else in_words(words)


def is_common(sight: Sight, words: str) -> bool:
    """Whether the newest cases hold the words so often that all of them together could be very many."""
    asked = with_marks(words, next(windows(sight)))
    return CaseWords.objects.filter(words=asked)[: _FEW + 1].count() > _FEW


def _spelled_out(sight: Sight, units: list[str]) -> tuple[str, ...]:
    """The units with the beginning at the end replaced by the words that begin so, where it is the beginning of common ones:
    the index would collect every row of every such word before it looks at anything else."""
    if not units or not units[-1].endswith(":*"):
        return tuple(units)
    before, _and, last = units[-1].rpartition(" & ")
    beginning = last.removesuffix(":*")
    with connection.cursor() as cursor:
        cursor.execute(_BEGUN, [next(windows(sight))[0], last, beginning, _SPELLINGS])
        common = {word for (word,) in cursor.fetchall() if word.isalnum()}
    if not common:
        return tuple(units)
    return (*units[:-1], f"{before}{_and}({' | '.join(sorted({beginning, *common}))})")


def _often(sight: Sight, units: Sequence[str]) -> dict[str, int]:
    newest = next(windows(sight))[0]
    with connection.cursor() as cursor:
        params = [param for unit in units for param in (newest, unit, _COUNTED)]
        cursor.execute(f"SELECT {', '.join([_OFTEN] * len(units))}", params)
        return dict(zip(units, cursor.fetchall()[0], strict=True))
