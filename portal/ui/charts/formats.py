"""How values are written on axes, in labels and in tables; what a chart is given as `form`."""

from __future__ import annotations

_MINUS = "−"


def plain(value: float) -> str:
    """`1,204`, `0.25`, `−3`: at most two decimals, none that say nothing."""
    text = f"{abs(value):,.2f}".rstrip("0").rstrip(".")
    return f"{_MINUS}{text}" if value < 0 and text != "0" else text


def whole(value: float) -> str:
    """`1,204`."""
    return plain(round(value))


def percent(value: float) -> str:
    """A ratio as `84.1%`."""
    return _percent(value, 1)


def whole_percent(value: float) -> str:
    """A ratio as `84%`; for axes."""
    return _percent(value, 0)


def _percent(value: float, digits: int) -> str:
    text = f"{abs(value) * 100:,.{digits}f}"
    return f"{_MINUS if value < 0 and float(text.replace(',', '')) else ''}{text}%"


def signed(value: float) -> str:
    """`+1.4`, `−0.3`, `0`; for the parts of a waterfall."""
    text = plain(value)
    return text if value < 0 or text == "0" else f"+{text}"


def clock(value: float) -> str:
    """Seconds as `45s`, `8:58` (minutes) or `1:05:00` (hours)."""
    seconds = round(abs(value))
    minutes, rest = divmod(seconds, 60)
    hours, minutes_left = divmod(minutes, 60)
    text = (
        f"{seconds}s"
        if not minutes
        else f"{minutes}:{rest:02}"
        if not hours
        else f"{hours}:{minutes_left:02}:{rest:02}"
    )
    return f"{_MINUS}{text}" if value < 0 and seconds else text
