"""The sections that kinds of review are put together from: a builder each, by code."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from ...rules.blocks import Text
from . import scorecard, summary
from .context import Built, Context, context_of, said

__all__ = ["SECTIONS", "Built", "Context", "Section", "context_of", "title_of"]


@dataclass(frozen=True, slots=True)
class Section:
    """A section: what builds it, and the numbers that its options may give, with what is usual and the most."""

    build: Callable[[Context], Built]
    options: Mapping[str, tuple[int, int]]


SECTIONS: Final[Mapping[str, Section]] = {
    "summary": Section(summary.build, {"movers": (summary.MOVERS, 10)}),
    "scorecard": Section(scorecard.build, {}),
}


def title_of(code: str) -> Text:
    """A section's heading."""
    return said(f"section.{code}")
