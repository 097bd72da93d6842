"""Values in words, where views look for them."""

from ...wording.values import (
    MINUS,
    NOTHING,
    count_text,
    difference_text,
    interval_text,
    over_text,
    spread_text,
    step_text,
    target_text,
    value_text,
)

__all__ = [
    "MINUS", "NOTHING", "count_text", "difference_text", "interval_text", "over_text", "spread_text", "step_text", "target_text",
    "value_text",
]  # fmt: skip
