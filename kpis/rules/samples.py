"""Of how many a figure has to be before it says something. One rule for pages, charts and alerts."""

from typing import Final

from .scoring import Terms

# A rate of so few is no rate; where neither contract nor definition says otherwise.
FEWEST: Final = 30


def least(terms: Terms | None, minimum_n: int, *, sampled: bool) -> int:
    """The contract's smallest sample where a contract judges the figure; else the definition's, if it names one; else 30 of what is sampled.

    `sampled`: what it counts are contacts, answers and the like, so that few of them say little.
    """
    if terms is not None:
        return terms.minimum_n
    return minimum_n or (FEWEST if sampled else 0)
