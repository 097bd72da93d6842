"""What a visit scores, what an answer may be, and how answers of two people come together. Pure: no Django, no database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

YES_NO: Final = "yes_no"
SCORE: Final = "score"
TEXT: Final = "text"
LONGEST: Final = 4000
_TENTH: Final = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it stands. `score` is None until given and where it does not apply; a yes is all of the question's points."""

    score: int | None = None
    text: str = ""
    note: str = ""
    not_applicable: bool = False

    @property
    def said(self) -> tuple[int | None, str, bool]:
        """The answer without its note."""
        return self.score, self.text, self.not_applicable

    @property
    def is_given(self) -> bool:
        """Whether anything was answered; a note alone is no answer."""
        return self.score is not None or self.not_applicable or bool(self.text)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a section, with the answer that it got."""

    section: str
    kind: str
    most: int
    weight: Decimal
    given: Given = Given()


@dataclass(frozen=True, slots=True)
class SectionScore:
    """Percent of the points that could be had, None where nothing counts; how far the section is; the last visit's percent."""

    section: str
    percent: Decimal | None
    answered: int
    asked: int
    before: Decimal | None = None

    @property
    def change(self) -> Decimal | None:
        """Points of percent more (less than 0: fewer) than at the last visit."""
        return None if self.percent is None or self.before is None else self.percent - self.before


def percent_of(asked: Iterable[Asked]) -> Decimal | None:
    """Sum of weight times score by sum of weight times most, in percent of one decimal; what does not apply or was not answered is out."""
    counted = [one for one in asked if one.kind != TEXT and one.given.score is not None]
    most = sum((one.weight * one.most for one in counted), Decimal(0))
    if not most:
        return None
    got = sum((one.weight * (one.given.score or 0) for one in counted), Decimal(0))
    return (100 * got / most).quantize(_TENTH, ROUND_HALF_UP)


def section_scores(asked: Sequence[Asked], before: Mapping[str, Decimal | None] | None = None) -> list[SectionScore]:
    """Each section's score, in the order in which they are asked. `before`: percent at the last visit, by section."""
    scores = []
    for code in dict.fromkeys(one.section for one in asked):
        own = [one for one in asked if one.section == code]
        answered = sum(one.given.is_given for one in own)
        scores.append(SectionScore(code, percent_of(own), answered, len(own), (before or {}).get(code)))
    return scores


def fault_of(kind: str, most: int, given: Given) -> str | None:
    """Why a question cannot be answered so (a code), or None."""
    if max(len(given.text), len(given.note)) > LONGEST:
        return "answer_too_long"
    if "\0" in given.text + given.note:
        return "answer_has_nul"
    if given.not_applicable and given.score is not None:
        return "answer_and_not_applicable"
    if kind == TEXT:
        return "answer_is_text" if given.score is not None else None
    if given.text:
        return "answer_is_score"
    allowed = {0, most} if kind == YES_NO else range(most + 1)
    return None if given.score is None or given.score in allowed else "answer_out_of_range"


def merged(base: Given, mine: Given, theirs: Given) -> Given | None:
    """What stands when `mine`, begun from `base`, meets `theirs`. None where both answered, or both noted, something else."""
    said = _one_of(base.said, mine.said, theirs.said)
    note = _one_of((base.note,), (mine.note,), (theirs.note,))
    if said is None or note is None:
        return None
    score, text, not_applicable = said
    return Given(score, text, note[0], not_applicable)


def _one_of[T](base: T, mine: T, theirs: T) -> T | None:
    if mine in (base, theirs):
        return theirs
    return mine if theirs == base else None
