"""Regulated complaints and the law: marking a case, recording what was sent, jurisdictions and their terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from escalations.choices.statutory import ANSWERS, LONGEST_TERM, DayUnit, Duty
from escalations.forms.base import Choice, Versioned, focus, id_field, reason_field, set_choices, text_field
from escalations.forms.config import NamedForm
from escalations.forms.work import CONTACT_CHANNELS
from portal.files.forms import UploadField
from portal.ui.walltimes import WallTimeField, instant_of

if TYPE_CHECKING:
    from django.utils.functional import Promise

_YEARS: Final = (2000, 2100)
_DAY_ATTRS: Final = {"type": "date"}
_ADDRESS: Final = RegexValidator(r"\Ahttps?://[^\s]+\Z", _("An address begins with https://."))


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    if not _YEARS[0] <= wall.year <= _YEARS[1]:
        raise forms.ValidationError(_now("Choose a time between the years 2000 and 2100."))
    return instant_of(wall, zone)


class RegulateForm(Versioned):
    """A case is a complaint under a law. The time of receipt is read as clocks in the jurisdiction show it."""

    jurisdiction = id_field(_("Jurisdiction"))
    received_at = WallTimeField(
        label=_("Received"), help_text=_("When the complaint reached us, as clocks in the jurisdiction showed it.")
    )
    complaint_ref = forms.CharField(label=_("Reference of the complaint"), max_length=80, required=False)

    def __init__(self, *args: Any, offered: Iterable[tuple[int, str, str]] = (), **kwargs: Any) -> None:
        """`offered`: id, name and zone of each jurisdiction."""
        super().__init__(*args, **kwargs)
        rows = list(offered)
        self.zones: Mapping[int, str] = {pk: zone for pk, _name, zone in rows}
        choices: list[Choice] = [(pk, f"{name} ({zone})") for pk, name, zone in rows]
        set_choices(self, "jurisdiction", [("", _("Choose")), *choices])
        focus(self, "jurisdiction")

    def clean(self) -> dict[str, Any]:
        """The receipt as an instant."""
        data = super().clean() or self.cleaned_data
        wall, zone = data.get("received_at"), self.zones.get(data.get("jurisdiction") or 0)
        if wall is not None and zone is not None:
            try:
                data["received_at"] = _instant(wall, ZoneInfo(zone))
            except forms.ValidationError as error:
                self.add_error("received_at", error)
        return data


class AnswerForm(forms.Form):
    """An answer went out: one of the case's contacts, or something sent elsewhere, with a file that shows it."""

    duties = forms.MultipleChoiceField(label=_("What was sent"), widget=forms.CheckboxSelectMultiple)
    contact = id_field(_("Contact on this case"), required=False)
    sent_at = WallTimeField(label=_("Sent on"), required=False)
    sent_by = forms.CharField(label=_("Sent by"), max_length=120, required=False)
    channel = forms.ChoiceField(label=_("How"), choices=[("", _("Choose")), *CONTACT_CHANNELS], required=False)
    file = UploadField(label=_("File that shows it"), required=False)
    text = text_field(_("Note"), rows=3, required=False)

    def __init__(
        self,
        *args: Any,
        owed: Sequence[tuple[str, str]] = (),
        contacts: Iterable[tuple[int, str]] = (),
        zone: ZoneInfo,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        set_choices(self, "duties", owed)
        set_choices(self, "contact", [("", _("None of these: it was sent elsewhere")), *contacts])
        self.fields["sent_at"].help_text = _now("As clocks in %(zone)s showed it.") % {"zone": zone.key}

    def clean(self) -> dict[str, Any]:
        """Without a contact: when, by whom, how, and the file. With one, a file may be added."""
        data = super().clean() or self.cleaned_data
        if data.get("contact"):
            return data | {"sent_at": None, "sent_by": "", "channel": ""}
        for name, text in self._missing():
            if not data.get(name) and name not in self.errors:
                self.add_error(name, str(text))
        if data.get("sent_at") is not None:
            try:
                data["sent_at"] = _instant(data["sent_at"], self.zone)
            except forms.ValidationError as error:
                self.add_error("sent_at", error)
        return data

    @staticmethod
    def _missing() -> tuple[tuple[str, str | Promise], ...]:
        return (
            ("sent_at", _("Say when it was sent.")),
            ("sent_by", _("Say who sent it.")),
            ("channel", _("Say how it was sent.")),
            ("file", _("Add the file that shows it.")),
        )


class AnswersByLaw(forms.Form):
    """A message to the customer that may be an answer by law: a tick for each that is owed."""

    duties = forms.MultipleChoiceField(
        label=_("Answers by law"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A tick records the answer and stops its clock, at the time of this message."),
    )

    def offer_answers(self, owed: Iterable[str]) -> None:
        """What was ticked stays among them: whether it is owed still is the action's to say, which knows what was sent twice."""
        said = self["duties"].data if self.is_bound else ()
        offered = {*owed, *(said or ())}
        if offered.intersection(ANSWERS):
            set_choices(self, "duties", [(duty.value, text) for duty, text in ANSWERS.items() if duty in offered])
        else:
            del self.fields["duties"]

    @property
    def answered(self) -> list[str]:
        """What was ticked, once the form is valid."""
        return list(self.cleaned_data.get("duties", ()))


class LiftForm(forms.Form):
    """It was no such complaint: one of those that the case is, or that were merged into it."""

    regulation = id_field(_("Which complaint"))
    reason = reason_field(_("Why it is no regulated complaint"))

    def __init__(self, *args: Any, offered: Sequence[tuple[int, str]] = (), **kwargs: Any) -> None:
        """`offered`: id and name of each; the only one needs no choice."""
        super().__init__(*args, **kwargs)
        field = self.fields["regulation"]
        if len(offered) > 1:
            set_choices(self, "regulation", [("", _("Choose")), *offered])
        else:
            set_choices(self, "regulation", offered)
            field.required, field.widget = False, forms.HiddenInput()
            field.initial = offered[0][0] if offered else None


class JurisdictionForm(NamedForm):
    """Whose law it is, and the calendar of its days. The code is chosen once."""

    code = forms.SlugField(
        label=_("Code"), max_length=20, help_text=_("Letters, digits and hyphens; it cannot be changed.")
    )
    calendar = id_field(
        _("Business calendar"),
        help_text=_("Its zone says when a day ends; its hours and holidays, which days are worked on."),
    )
    field_order = ("version", "name", "name_zh", "code", "calendar")

    def __init__(self, *args: Any, calendars: Iterable[Choice] = (), new: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "calendar", [("", _("Choose")), *calendars])
        del self.fields["version" if new else "code"]


class TermForm(forms.Form):
    """How long the law gives for one kind of answer, for complaints received from a day on."""

    duty = forms.ChoiceField(label=_("Answer"), choices=Duty.choices)
    amount = forms.IntegerField(label=_("Days"), min_value=1, max_value=LONGEST_TERM)
    unit = forms.ChoiceField(label=_("Days that count"), choices=DayUnit.choices)
    next_day = forms.BooleanField(label=_("Counting begins on the day after receipt"), required=False, initial=True)
    rolls = forms.BooleanField(
        label=_("A last day on which nobody works moves to the next working day"), required=False
    )
    basis = forms.CharField(label=_("Legal basis"), max_length=300, help_text=_("The act and the section."))
    basis_zh = forms.CharField(label=_("Legal basis in Chinese"), max_length=300, required=False)
    link = forms.CharField(
        label=_("Link to the text"), max_length=500, required=False, validators=[_ADDRESS],
        widget=forms.URLInput,
    )  # fmt: skip
    valid_from = forms.DateField(
        label=_("For complaints received from"), widget=forms.DateInput(attrs=_DAY_ATTRS, format="%Y-%m-%d"),
        help_text=_("What holds until then ends the day before. Cases that are marked already keep their deadlines."),
    )  # fmt: skip

    def clean_valid_from(self) -> Any:
        """A day within reach."""
        day = self.cleaned_data["valid_from"]
        if not _YEARS[0] <= day.year <= _YEARS[1]:
            raise forms.ValidationError(_now("Choose a day between the years 2000 and 2100."))
        return day


class EndTermForm(forms.Form):
    """The last day on which it holds."""

    last_day = forms.DateField(
        label=_("Last day of receipt"), widget=forms.DateInput(attrs=_DAY_ATTRS, format="%Y-%m-%d")
    )

    def clean_last_day(self) -> Any:
        """A day within reach."""
        day = self.cleaned_data["last_day"]
        if not _YEARS[0] <= day.year <= _YEARS[1]:
            raise forms.ValidationError(_now("Choose a day between the years 2000 and 2100."))
        return day
