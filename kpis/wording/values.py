"""Values as they are read: `84.6%`, `9:12`, `+1.4`. A percent is kept as a ratio and shown times 100."""

from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import ngettext

from portal.ui.charts import formats

from ..choices import Direction

if TYPE_CHECKING:
    from ..rules.formulas import Reading
    from ..rules.scoring import Terms

MINUS = "−"
NOTHING = "–"


def value_text(value: Decimal | float | None, unit: str, decimals: int = 1) -> str:
    """A value with its unit; a dash for none."""
    if value is None:
        return NOTHING
    if unit == "seconds":
        return formats.clock(float(value))
    number = _number(Decimal(str(value)) * (100 if unit == "percent" else 1), decimals)
    return f"{number}%" if unit == "percent" else number


def difference_text(now: Decimal | None, before: Decimal | None, unit: str, decimals: int = 1) -> str:
    """What it is more (or less) than before, in points for a percent; empty where either is missing."""
    return "" if now is None or before is None else step_text(now - before, unit, decimals)


def step_text(step: Decimal | float, unit: str, decimals: int = 1) -> str:
    """A difference with its sign; 0 has none."""
    if unit == "seconds":
        text = formats.clock(float(step))
        return text if step < 0 or text == "0s" else f"+{text}"
    text = _number(Decimal(str(step)) * (100 if unit == "percent" else 1), decimals)
    return text if text.startswith(MINUS) or not any(letter in text for letter in "123456789") else f"+{text}"


def spread_text(reading: "Reading", unit: str, decimals: int = 1) -> str:
    """Half of the interval, as in `± 6`; empty without one."""
    if reading.low is None or reading.high is None:
        return ""
    return f"± {value_text((reading.high - reading.low) / 2, unit, decimals)}"


def interval_text(reading: "Reading", unit: str, decimals: int = 1) -> str:
    """From where to where, as in `83.1% – 85.9%`; empty without one."""
    if reading.low is None or reading.high is None:
        return ""
    return f"{value_text(reading.low, unit, decimals)} – {value_text(reading.high, unit, decimals)}"


def target_text(terms: "Terms", unit: str, decimals: int = 1) -> str:
    """What the contract asks for: `80.0%`, `≤ 9:30`, `8:30 – 9:30`."""
    text = value_text(terms.target, unit, decimals)
    if terms.direction == Direction.DOWN:
        return f"≤ {text}"
    if terms.direction == Direction.BAND and terms.target_high is not None:
        return f"{text} – {value_text(terms.target_high, unit, decimals)}"
    return text


def over_text(days: int | None) -> str:
    """`over 20 days`: how many there are figures of, where a window has more; empty where it is full."""
    return ngettext("over %(days)d day", "over %(days)d days", days) % {"days": days} if days else ""


def count_text(value: Decimal | int | None) -> str:
    """A count or an amount of a component: `48,210`."""
    return NOTHING if value is None else formats.plain(float(value))


def _number(value: Decimal, decimals: int) -> str:
    text = f"{abs(value):,.{decimals}f}"
    return f"{MINUS}{text}" if value < 0 and any(letter in text for letter in "123456789") else text
