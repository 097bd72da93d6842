"""Cases that hold all the words, but not in one row: one in the subject, another in an entry.

The index knows rows, and no intersection of it says what stands in different rows of a case. So the rarest of the words says
which cases are looked at, the newest of them and no more than some hundreds; then the rows of these that the reader may read,
and no others, are asked for all the words.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import BooleanField, ExpressionWrapper, Max, Q
from django.db.models.functions import Coalesce

from escalations.models import Case, CaseWords

from .finding_asked import Asked, in_words, windows
from .finding_rows import NEWEST, few, is_cut, looked_at, marks_of, narrowed_to
from .finding_sight import Found, Sight, Way

# Of so many cases all rows are looked at, and these are the newest in sight among so many that hold the rarest word.
_CASES: Final = 300
_HOLDING: Final = 1_500
# So many rare words are intersected.
_RARE: Final = 3


def by_words_apart(
    sight: Sight, asked: Asked, services: Sequence[int], is_open: bool | None
) -> tuple[list[Found], bool]:
    """The newest cases that hold every unit in some row, and whether older ones were left out. Nine queries at most."""
    if not asked.often:
        return [], False
    units = asked.rarest_first
    holding, is_short = _holding(sight, asked, services, is_open)
    newest = sorted(holding, reverse=True)[:_HOLDING]
    cases = Case.objects.filter(sight.cases & narrowed_to(services, is_open), pk__in=newest).order_by("-pk")
    seen = list(cases.values_list("pk", flat=True)[: _CASES + 1]) if newest else []
    found = _hold_all(sight, seen[:_CASES], units) if seen else []
    return found, is_short or len(holding) > len(newest) or len(seen) > _CASES


def _holding(sight: Sight, asked: Asked, services: Sequence[int], is_open: bool | None) -> tuple[set[int], bool]:
    """Cases with the rarest unit in some row, whoever may read that; with the other rare units too. And whether there are
    older ones."""
    places = few(list(marks_of(sight, services, is_open)))
    single = set(sight.whole.granted | sight.whole.let_in)
    units = asked.rare[:_RARE]
    if units and not any(is_cut(unit, places) for unit in units):
        return set.intersection(*(_cases_with(unit, places, []) | single for unit in units)), False
    rarest = asked.rarest_first[0]
    enough = _CASES + 1 if places else _HOLDING
    found = single
    for window in windows(sight):
        if not window and not (places and sight.is_of_raisers):
            return found, True
        found |= _cases_with(rarest, places, window)
        if len(found) >= enough:
            return found, True
    return found, False


def _cases_with(unit: str, marks: Sequence[str], window: Sequence[str]) -> set[int]:
    return set(looked_at(unit, marks, window).values_list("case_id", flat=True))


def _hold_all(sight: Sight, cases: Iterable[int], units: Sequence[str]) -> list[Found]:
    """Those of the cases of which the rows in sight hold all units, by the newest entry with the first of them."""
    holds = [Q(words=in_words(unit)) for unit in units]
    rows = CaseWords.objects.filter(sight.words, case__in=cases)
    each = {f"holds_{at}": BoolOr(ExpressionWrapper(one, BooleanField())) for at, one in enumerate(holds)}
    entry = Coalesce(Max("entry", filter=holds[0]), Max("entry", filter=Q(*holds[1:], _connector=Q.OR)))
    found = (
        rows.values("case", "case__state", "case__merged_into")
        .annotate(**each, newest=entry)
        .filter(**dict.fromkeys(each, True))
        .order_by("-case")
        .values_list("case", "case__state", "case__merged_into", "newest")[: NEWEST + 1]
    )
    return [Found(*row, way=Way.APART) for row in found]
