"""Spans of business time as people type them. Pure: no Django."""

import re
import unicodedata

_HOUR, _DAY = 60, 24 * 60
_PARTS = re.compile(r"(?:(\d+)(?:d|天))?(?:(\d+)(?:h|小时|时))?(?:(\d+)(?:m|min|分钟|分))?")
_BARE = re.compile(r"\d+")
# Longer than any span that is meant.
_LONGEST = 40


def parse_span(text: str) -> int:
    """Minutes: `90m`, `4h`, `1h 30m`, `2d` (a day is 24 hours of business time), or minutes alone. Raises ValueError."""
    typed = "".join(unicodedata.normalize("NFKC", text).lower().split())
    if not typed or len(typed) > _LONGEST:
        raise ValueError("not a span")
    if _BARE.fullmatch(typed):
        return int(typed)
    found = _PARTS.fullmatch(typed)
    if not found:
        raise ValueError("not a span")
    days, hours, minutes = (int(part or 0) for part in found.groups())
    return days * _DAY + hours * _HOUR + minutes


def typed_span(minutes: int) -> str:
    """Minutes as one would type them: `45m`, `4h`, `1h 30m`, `48h`."""
    hours, rest = divmod(minutes, _HOUR)
    parts = [f"{hours}h"] * bool(hours) + [f"{rest}m"] * bool(rest or not hours)
    return " ".join(parts)
