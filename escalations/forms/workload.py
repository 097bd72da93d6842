"""Working hours by weekday, and what somebody takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import time
from typing import Any, Final

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from escalations.forms.base import Choice, set_choices
from escalations.rules.assigning import Shift

_CLOCK: Final = {"type": "time"}


class HoursForm(forms.Form):
    """From and to on each weekday; both empty is a day off, an end before the start is on the next day."""

    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, shifts: Sequence[Shift] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known: Mapping[int, Shift] = {one.weekday: one for one in shifts}
        for day, name in WEEKDAYS.items():
            held = known.get(day)
            self.fields[f"from{day}"] = _clock(_("%(day)s, from") % {"day": name}, held.starts if held else None)
            self.fields[f"to{day}"] = _clock(_("%(day)s, to") % {"day": name}, held.ends if held else None)

    def clean(self) -> dict[str, Any]:
        """Both ends of a day, or none."""
        data = super().clean() or {}
        for day in WEEKDAYS:
            starts, ends = data.get(f"from{day}"), data.get(f"to{day}")
            if (starts is None) != (ends is None) and not {f"from{day}", f"to{day}"} & set(self.errors):
                self.add_error(f"from{day}" if starts is None else f"to{day}", _("Give both times, or none."))
        return data

    def shifts(self) -> list[Shift]:
        """The hours as they are kept."""
        data = self.cleaned_data
        days = [(day, data[f"from{day}"], data[f"to{day}"]) for day in WEEKDAYS]
        return [Shift(day, starts, ends) for day, starts, ends in days if starts is not None and ends is not None]

    def days(self) -> list[tuple[Any, forms.BoundField, forms.BoundField]]:
        """The grid as the page shows it: a weekday and its two ends."""
        return [(name, self[f"from{day}"], self[f"to{day}"]) for day, name in WEEKDAYS.items()]


def _clock(label: Any, initial: time | None) -> forms.TimeField:
    widget = forms.TimeInput(attrs={**_CLOCK, "class": "input", "aria-label": label}, format="%H:%M")
    return forms.TimeField(label=label, required=False, initial=initial, widget=widget)


class WorkloadForm(HoursForm):
    """Hours, and what somebody takes."""

    cap = forms.IntegerField(
        label=_("At most at once"), min_value=1, max_value=999, required=False,
        help_text=_("A sum: an open S1 counts 8, S2 4, S3 2, S4 1. Empty: no limit."),
    )  # fmt: skip
    languages = forms.MultipleChoiceField(
        label=_("Languages"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("None ticked: any.")
    )
    issues = forms.TypedMultipleChoiceField(
        label=_("Issue types"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple,
        help_text=_("With all beneath them. None ticked: any."),
    )  # fmt: skip

    def __init__(self, *args: Any, languages: Iterable[Choice], issues: Iterable[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "languages", languages)
        set_choices(self, "issues", issues)


class GiveForm(forms.Form):
    """Nothing to fill in: the portal chooses."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
