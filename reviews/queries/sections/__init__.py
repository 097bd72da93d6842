"""The sections that kinds of review are put together from: a builder each, by code."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from ...blocks import Text
from . import (
    access,
    actions,
    attrition,
    escalations,
    held,
    improvement,
    money,
    next_week,
    scorecard,
    summary,
    trends,
    volume,
)
from .context import Built, Context, context_of, said
from .reading import WEEKS

__all__ = ["SECTIONS", "Built", "Context", "Section", "context_of", "title_of"]


@dataclass(frozen=True, slots=True)
class Section:
    """A section: what builds it, and the numbers that its options may give, with what is usual and the most. `daily`: made of daily figures."""

    build: Callable[[Context], Built]
    options: Mapping[str, tuple[int, int]]
    daily: bool = False


SECTIONS: Final[Mapping[str, Section]] = {
    "summary": Section(summary.build, {"movers": (summary.MOVERS, 10)}, daily=True),
    "scorecard": Section(scorecard.build, {}, daily=True),
    "trends": Section(
        trends.build, {"weeks": (trends.SHOWN_WEEKS, WEEKS), "months": (trends.SHOWN_MONTHS, 24)}, daily=True
    ),
    "volume": Section(volume.build, {}, daily=True),
    "escalations": Section(escalations.build, {}),
    "access": Section(access.build, {}),
    "actions": Section(actions.build, {"most": (actions.MOST, 200)}),
    "next_week": Section(next_week.build, {}),
    "credits": Section(money.build, {}),
    "attrition": Section(attrition.build, {"months": (attrition.MONTHS, 24)}),
    "calibration": Section(held.calibrations, {}),
    "top_issues": Section(held.top_issues, {"most": (held.MOST, 200)}),
    "voice": Section(held.voice, {"most": (held.MOST, 200)}, daily=True),
    "improvement": Section(improvement.build, {"most": (improvement.MOST, 200)}),
    "commercials": Section(money.build, {}),
}


def title_of(code: str) -> Text:
    """A section's heading."""
    return said(f"section.{code}")
