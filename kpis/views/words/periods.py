"""Periods in words, where views look for them."""

from ...wording.periods import day_text, period_text, short_text, week_text

__all__ = ["day_text", "period_text", "short_text", "week_text"]
