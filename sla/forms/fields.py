"""Ranges of hours, lists of dates, percentages and spans, as people type them."""

import re
from datetime import date

from django import forms
from django.utils.translation import gettext as _

from sla.business_time import BusinessCalendar
from sla.choices import MAX_MINUTES
from sla.forms.spans import parse_span, typed_span

type Pairs = tuple[tuple[str, str], ...]

_RANGE = re.compile(r"(\d{1,2}:\d{2})\s*(?:-|–|—|~|to|至)\s*(\d{1,2}:\d{2})")
MAX_EXCEPTIONS = 1000


class HoursField(forms.CharField):
    """`09:00-12:00, 13:00-18:00`; empty means closed. Cleans to pairs of wall times."""

    def __init__(self, **options: object) -> None:
        options.setdefault("required", False)
        options.setdefault("max_length", 200)
        super().__init__(**options)  # type: ignore[arg-type]

    def clean(self, value: object) -> Pairs:
        """Pairs of wall times. Raises ValidationError."""
        return parse_ranges(str(super().clean(value) or ""))


class ExceptionsField(forms.CharField):
    """One date a line: `2026-12-24 09:00-12:00`, or the date alone when it is closed. Cleans to a dict."""

    widget = forms.Textarea(attrs={"rows": 5, "class": "mono"})

    def __init__(self, **options: object) -> None:
        options.setdefault("required", False)
        options.setdefault("max_length", 40_000)
        super().__init__(**options)  # type: ignore[arg-type]

    def clean(self, value: object) -> dict[str, Pairs]:
        """Ranges by ISO date. Raises ValidationError naming the line."""
        found: dict[str, Pairs] = {}
        lines = [line.strip() for line in str(super().clean(value) or "").splitlines()]
        for number, line in enumerate(lines, 1):
            if line:
                day, ranges = self._line(line, number)
                if day in found:
                    raise forms.ValidationError(_("Line %(n)d: this date is there twice.") % {"n": number})
                found[day] = ranges
        if len(found) > MAX_EXCEPTIONS:
            raise forms.ValidationError(_("Keep at most %(n)d dates.") % {"n": MAX_EXCEPTIONS})
        return dict(sorted(found.items()))

    @staticmethod
    def _line(line: str, number: int) -> tuple[str, Pairs]:
        head, _blank, rest = line.partition(" ")
        try:
            day = date.fromisoformat(head)
            return day.isoformat(), parse_ranges("" if rest.strip().lower() in ("closed", "休息") else rest)
        except ValueError as error:
            raise forms.ValidationError(
                _("Line %(n)d: write a date like 2026-12-24, then its hours like 09:00-12:00.") % {"n": number}
            ) from error
        except forms.ValidationError as error:
            raise forms.ValidationError(_("Line %(n)d: %(why)s") % {"n": number, "why": error.messages[0]}) from error


class PercentsField(forms.CharField):
    """`50, 75`: whole percents from 1 to 99. Cleans to a sorted tuple."""

    def __init__(self, **options: object) -> None:
        options.setdefault("required", False)
        options.setdefault("max_length", 60)
        super().__init__(**options)  # type: ignore[arg-type]

    def clean(self, value: object) -> tuple[int, ...]:
        """Sorted percents without repetition. Raises ValidationError."""
        parts = [part for part in re.split(r"[\s,;，、%]+", str(super().clean(value) or "")) if part]
        if not all(re.fullmatch(r"[1-9][0-9]?", part) for part in parts) or len(set(parts)) > 5:
            raise forms.ValidationError(_("Write up to five whole percents from 1 to 99, like 50, 75."))
        return tuple(sorted({int(part) for part in parts}))


class SpanField(forms.CharField):
    """`90m`, `4h`, `1h 30m`, `2d`. Cleans to minutes from `least` on, None when empty; shows minutes as one types them."""

    def __init__(self, *, least: int, **options: object) -> None:
        options.setdefault("required", False)
        options.setdefault("max_length", 40)
        super().__init__(**options)  # type: ignore[arg-type]
        self.least = least

    def prepare_value(self, value: object) -> object:
        """Stored minutes as text; what was typed as it was."""
        return typed_span(value) if isinstance(value, int) else value

    def clean(self, value: object) -> int | None:
        """Minutes. Raises ValidationError."""
        text = str(super().clean(value) or "")
        if not text:
            return None
        try:
            minutes = parse_span(text)
        except ValueError as error:
            raise forms.ValidationError(_("Write a time like 90m, 4h or 2d.")) from error
        if not self.least <= minutes <= MAX_MINUTES:
            raise forms.ValidationError(
                _("Choose between %(least)dm and %(most)dd.") % {"least": self.least, "most": MAX_MINUTES // (24 * 60)}
            )
        return minutes


def parse_ranges(text: str) -> Pairs:
    """Ranges out of text. Raises ValidationError."""
    if not text.strip():
        return ()
    parts = [part.strip() for part in re.split(r"[,;，；、]", text) if part.strip()]
    found = [_RANGE.fullmatch(part) for part in parts]
    try:
        pairs = tuple((m.group(1).zfill(5), m.group(2).zfill(5)) for m in found if m)
        if len(pairs) == len(parts):
            BusinessCalendar("UTC", {"mon": pairs})
            return pairs
    except ValueError:
        pass
    raise forms.ValidationError(_("Write hours like 09:00-17:00, several with commas; 24:00 is midnight."))


def ranges_text(pairs: object) -> str:
    """Ranges as they are typed."""
    return ", ".join(f"{begin}-{end}" for begin, end in pairs)  # type: ignore[attr-defined]
