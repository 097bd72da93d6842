"""The form of a calendar."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from babel import Locale
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from holidays.registry import COUNTRIES

from portal.ui.times import is_chinese
from sla.actions import resolved
from sla.business_time import WEEKDAYS, NeverOpensError
from sla.choices import Weekday
from sla.country_days import countries, subdivisions
from sla.forms.fields import ExceptionsField, HoursField, ranges_text
from sla.models import Calendar
from sla.queries.calendars import CalendarContent, time_zones


def _hours() -> forms.TextInput:
    """A day's hours; how to write them stands once, over the week."""
    return forms.TextInput(attrs={"aria-describedby": "hours-hint"})


class CalendarForm(forms.Form):
    """Everything that a calendar says. After `is_valid`, `content` is what would be stored."""

    expected = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    name_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=120, required=False)
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"))
    mon = HoursField(label=Weekday.MON.label, widget=_hours())
    tue = HoursField(label=Weekday.TUE.label, widget=_hours())
    wed = HoursField(label=Weekday.WED.label, widget=_hours())
    thu = HoursField(label=Weekday.THU.label, widget=_hours())
    fri = HoursField(label=Weekday.FRI.label, widget=_hours())
    sat = HoursField(label=Weekday.SAT.label, widget=_hours())
    sun = HoursField(label=Weekday.SUN.label, widget=_hours())
    country = forms.ChoiceField(
        label=gettext_lazy("Public holidays of"),
        required=False,
        help_text=gettext_lazy("Days off, and for China the working days that make up for them."),
    )
    subdivision = forms.CharField(
        label=gettext_lazy("Region"),
        required=False,
        max_length=10,
        help_text=gettext_lazy("Code of a state or province with holidays of its own. Empty: the whole country."),
    )
    exceptions = ExceptionsField(
        label=gettext_lazy("Own dates"),
        help_text=gettext_lazy("One a line: 2026-12-24 09:00-12:00, or 2026-12-28 closed. They win over holidays."),
    )

    def __init__(self, *args: Any, calendar_id: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.calendar_id = calendar_id
        self.content: CalendarContent | None = None
        self._set("time_zone", [(zone, zone) for zone in time_zones()])
        self._set("country", [("", _("No country")), *country_choices()])

    def _set(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    @property
    def week(self) -> list[forms.BoundField]:
        """The seven days."""
        return [self[day] for day in WEEKDAYS]

    def clean_name(self) -> str:
        """The name, which no other calendar in use has."""
        name: str = self.cleaned_data["name"]
        same = Calendar.objects.filter(name__iexact=name, archived_at=None).exclude(pk=self.calendar_id or 0)
        if same.exists():
            raise forms.ValidationError(_("Another calendar has this name."))
        return name

    def clean(self) -> dict[str, Any]:
        """Put the parts together and try them."""
        data = super().clean() or self.cleaned_data
        region = data.get("subdivision", "")
        if region and region not in subdivisions(data.get("country", "")):
            known = _(", ").join(subdivisions(data.get("country", ""))[:60])
            hint = (
                _("Choose one of %(codes)s, or leave it empty.") % {"codes": known} if known else _("Leave it empty.")
            )
            self.add_error("subdivision", hint)
        if not self.errors:
            self._resolve(data)
        return data

    def _resolve(self, data: Mapping[str, Any]) -> None:
        try:
            self.content = resolved(
                time_zone=data["time_zone"],
                hours={day: data[day] for day in WEEKDAYS if data[day]},
                country=data["country"],
                subdivision=data["subdivision"],
                exceptions=data["exceptions"],
            )
        except NeverOpensError:
            self.add_error("mon", _("This calendar never opens. Give at least one day hours."))
        except ValueError as error:
            self.add_error(None, _("This calendar cannot be used: %(why)s") % {"why": error})


def initial_of(calendar: Calendar, content: CalendarContent, number: int) -> dict[str, Any]:
    """What the form shows of a stored calendar."""
    exceptions = [f"{day} {ranges_text(ranges) or 'closed'}" for day, ranges in content.exceptions.items()]
    return {
        "expected": number,
        "name": calendar.name,
        "name_zh": calendar.name_zh,
        "time_zone": content.time_zone,
        "country": content.country,
        "subdivision": content.subdivision,
        "exceptions": "\n".join(exceptions),
        **{day: ranges_text(content.hours.get(day, ())) for day in WEEKDAYS},
    }


@lru_cache(maxsize=1)
def country_choices() -> list[tuple[str, str]]:
    """Codes and names of countries in the reader's language, by name."""
    names = {codes[1]: re.sub(r"(?<=[a-z])(?=[A-Z])", " ", codes[0]) for codes in COUNTRIES.values()}
    if is_chinese():
        names.update(Locale.parse("zh_Hans").territories)
    return sorted(((code, f"{names.get(code, code)} ({code})") for code in countries()), key=lambda pair: pair[1])
