"""Forms of actions: what is to be done, what shows that it is done, why not."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kpis.queries import kpis_in_use
from portal.files.forms import UploadField
from portal.ui.lostfiles import RememberingInput

from ..actions.actions import Wording
from ..choices import Side, Source
from ..queries.action_lists import AGES, Narrowed
from ..queries.actions import Owner
from .base import VersionedForm, choose

#: By when on its day an action is due, at the site.
BY: Final = time(18)
_EARLIEST, _LATEST = date(2000, 1, 1), date(2099, 12, 31)
_DAY_INPUT = {"type": "date"}
_MOST_FILES: Final = 5


def due_at(day: date, zone: str) -> datetime:
    """The instant by which something is due that day."""
    return datetime.combine(day, BY, ZoneInfo(zone))


class DayField(forms.DateField):
    """A day in the years that the portal knows."""

    widget = forms.DateInput(attrs=_DAY_INPUT, format="%Y-%m-%d")

    def clean(self, value: Any) -> Any:
        """Raises ValidationError outside 2000 to 2099."""
        day = super().clean(value)
        if day is not None and not _EARLIEST <= day <= _LATEST:
            raise forms.ValidationError(_("Choose a day from 2000 to 2099."))
        return day


class ActionForm(VersionedForm):
    """An action at a place; its owners, KPIs and zone are the place's."""

    title = forms.CharField(label=_("What is to be done"), max_length=200)
    owner = forms.TypedChoiceField(label=_("Owner"), coerce=int)
    due = DayField(label=pgettext_lazy("field", "Due"))
    text = forms.CharField(
        label=_("Details"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    kpi = forms.ChoiceField(label=_("KPI that it is to move"), required=False)
    expected = forms.DecimalField(
        label=_("Expected change"), required=False, max_digits=10, decimal_places=2,
        help_text=_("In the KPI's unit, with its sign: 5 for five points more, -30 for 30 seconds less."),
    )  # fmt: skip

    def __init__(self, *args: Any, owners: Sequence[Owner], zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self._kpis = {kpi.code: kpi for kpi in kpis_in_use()}
        sides = [(Side(side).label, [(o.pk, o.name) for o in owners if o.side == side]) for side in Side.values]
        choose(self, "owner", [("", _("Choose a person")), *[(label, rows) for label, rows in sides if rows]])
        kpis = sorted(self._kpis.values(), key=lambda one: (one.position, one.name))
        choose(self, "kpi", [("", _("None")), *[(one.code, one.label) for one in kpis]])
        self.fields["due"].help_text = _("By 18:00 at the site (%(zone)s).") % {"zone": zone}

    def clean(self) -> dict[str, Any]:
        """A change is expected of a KPI."""
        data = super().clean() or {}
        if data.get("expected") is not None and not data.get("kpi"):
            self.add_error("kpi", _("Choose the KPI that it is to move."))
        return data

    @property
    def wording(self) -> Wording:
        """What was typed, in the units that are kept."""
        data = self.cleaned_data
        kpi, expected = self._kpis.get(data["kpi"]), data["expected"]
        if kpi is not None and expected is not None and kpi.unit == "percent":
            expected = expected / 100
        return Wording(
            title=data["title"], owner_id=data["owner"], due_at=due_at(data["due"], self.zone), text=data["text"],
            kpi_id=kpi.pk if kpi else None, expected_change=expected,
        )  # fmt: skip


def shown_change(change: Decimal | None, unit: str) -> Decimal | None:
    """An expected change as the form takes it."""
    if change is None:
        return None
    return (change * 100 if unit == "percent" else change).quantize(Decimal("0.01"))


class _ManyFiles(RememberingInput):
    allow_multiple_selected = True


class _Files(UploadField):
    """Several files, each checked."""

    widget = _ManyFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        """At most a few. Raises ValidationError."""
        given = data if isinstance(data, list | tuple) else [data] if data else []
        if len(given) > _MOST_FILES:
            raise forms.ValidationError(_("At most five files at once."))
        return [super(_Files, self).clean(one, initial) for one in given]


class DoneForm(VersionedForm):
    """What shows that it is done."""

    evidence = forms.CharField(
        label=_("What shows that it is done"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )  # fmt: skip
    uploads = _Files(label=_("Files"), required=False)


class TextForm(VersionedForm):
    """Why, or a note."""

    text = forms.CharField(label=_("Why"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))


class NoteForm(TextForm):
    """A note."""

    text = forms.CharField(label=_("Note"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))


class VerifyForm(VersionedForm):
    """What was seen."""

    text = forms.CharField(
        label=_("What you saw"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )  # fmt: skip


class SendBackForm(TextForm):
    """Why, and until when."""

    due = DayField(label=pgettext_lazy("field", "Due"), required=False, help_text=_("Empty: as before."))


class PlaceForm(forms.Form):
    """Where a new action belongs."""

    place = forms.ChoiceField(label=_("Where"))

    def __init__(self, *args: Any, places: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["place"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Choose a site")), *places]


class FilterForm(forms.Form):
    """What a list of actions is narrowed to; it stands in the address."""

    site = forms.ChoiceField(label=_("Site"), required=False)
    owner = forms.TypedChoiceField(label=_("Owner"), required=False, coerce=int, empty_value=None)
    source = forms.ChoiceField(label=_("Came out of"), required=False, choices=[("", _("Any source")), *Source.choices])
    side = forms.ChoiceField(label=_("Side"), required=False, choices=[("", _("Both sides")), *Side.choices])
    age = forms.TypedChoiceField(label=_("Age"), required=False, coerce=int, empty_value=None)
    overdue = forms.BooleanField(label=_("Overdue"), required=False)
    whose = forms.ChoiceField(required=False, choices=[("", ""), ("mine", "")], widget=forms.HiddenInput)

    def __init__(self, data: Any, *, sites: Sequence[Any], owners: Sequence[tuple[int, str]]) -> None:
        super().__init__(data)
        self._sites = {one.code: one.pk for one in sites}
        offered: dict[str, list[Any]] = {
            "site": [("", _("Any site")), *[(one.code, one.label) for one in sites]],
            "owner": [("", _("Anybody")), *owners],
            "age": [("", _("Any age")), *[(days, _("Older than %(days)d days") % {"days": days}) for days in AGES]],
        }
        for name, choices in offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
        for name in ("site", "owner", "source", "side", "age"):
            self.fields[name].widget.attrs["class"] = "input"

    @property
    def narrowed(self) -> Narrowed:
        """What was asked for; what was not understood narrows nothing, and its error is shown."""
        data = self.cleaned_data if self.is_valid() else getattr(self, "cleaned_data", {})
        return Narrowed(
            site_id=self._sites.get(data.get("site", "")), owner_id=data.get("owner"), source=data.get("source", ""),
            side=data.get("side", ""), age=data.get("age"), overdue=bool(data.get("overdue")), mine=data.get("whose") == "mine",
        )  # fmt: skip


def usual_day(zone: str) -> date:
    """The day that a new action is due unless somebody says otherwise: two weeks from now there."""
    return timezone.now().astimezone(ZoneInfo(zone)).date() + timedelta(days=14)
