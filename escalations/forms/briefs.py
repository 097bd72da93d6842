"""Writing a brief, and giving a copy of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from escalations.actions.briefs import Writing
from escalations.choices.briefs import (
    CURRENCIES,
    MAX_EXPOSURE,
    MAX_LINES,
    MAX_NAME,
    MAX_NEXT,
    MAX_PEOPLE,
    MAX_SITUATION,
    BriefLanguage,
    BriefLevel,
    Legal,
    Reach,
)
from escalations.forms.base import MAX_VERSION, Choice, focus, id_field, reason_field, set_choices, text_field
from escalations.rules.briefs.bounds import named_in, plain, width
from escalations.rules.briefs.building import Exposure
from escalations.rules.briefs.levels import FULL

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_LAST_YEAR: Final = 2100
#: Texts that go to readers who do not see the case.
_GOES_FURTHER: Final = ("neutral", "legal_words", "reach_words", "next_step")


class _Fits:
    """A text takes no more room than its section has."""

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def __call__(self, text: str) -> None:
        if width(plain(text)) > self.limit:
            raise ValidationError(
                _now("Shorten this: there is room for %(letters)d letters, or %(signs)d Chinese characters.")
                % {"letters": self.limit, "signs": self.limit // 2}
            )


def _text(label: StrOrPromise, limit: int, rows: int = 2, **options: Any) -> forms.CharField:
    return text_field(label, limit=limit, rows=rows, required=False, validators=[_Fits(limit)], **options)


def _lines(label: StrOrPromise) -> forms.TypedMultipleChoiceField:
    return forms.TypedMultipleChoiceField(
        label=label, coerce=int, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("At most six: the brief is one page."),
    )  # fmt: skip


class BriefForm(forms.Form):
    """A version, as its writer drafts it. `after`: the latest version when the form was made."""

    after = forms.IntegerField(min_value=0, max_value=MAX_VERSION, widget=forms.HiddenInput)
    language = forms.ChoiceField(label=_("Language"), choices=BriefLanguage.choices)
    level = forms.ChoiceField(
        label=_("Written for"), choices=BriefLevel.choices,
        help_text=_("The most that a copy of this version may say. Copies can say less."),
    )  # fmt: skip
    situation = _text(_("Situation"), MAX_SITUATION, 4, help_text=_("Goes to full copies alone."))
    neutral = _text(
        _("Situation, for readers who do not see the case"), MAX_SITUATION, 4,
        help_text=_("Goes to internal and outside copies: no names, no references, no words of the customer."),
    )  # fmt: skip
    facts = _lines(_("What we know"))
    deeds = _lines(_("What we did"))
    money = forms.DecimalField(
        label=_("Money at stake"), min_value=0, max_digits=14, decimal_places=2, required=False,
        help_text=_("Outside copies say between which amounts it lies."),
    )  # fmt: skip
    currency = forms.ChoiceField(label=_("Currency"), choices=[("", "–"), *((one, one) for one in CURRENCIES)], required=False)  # fmt: skip
    people = forms.IntegerField(label=_("People at risk"), min_value=0, max_value=MAX_PEOPLE, required=False)
    legal = forms.ChoiceField(label=_("Law and regulator"), choices=[("", "–"), *Legal.choices], required=False)
    legal_words = _text(_("What of it"), MAX_EXPOSURE, help_text=_("Not in outside copies."))
    reach = forms.ChoiceField(label=_("Media and reach"), choices=[("", "–"), *Reach.choices], required=False)
    reach_words = _text(_("What of that"), MAX_EXPOSURE, help_text=_("Not in outside copies."))
    next_step = _text(_("Next step"), MAX_NEXT)
    who = id_field(_("Who does it"), required=False)
    by = forms.DateTimeField(
        label=_("By when"), required=False,
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )  # fmt: skip

    def __init__(
        self,
        *args: Any,
        facts: Iterable[Choice] = (),
        deeds: Iterable[Choice] = (),
        people: Iterable[Choice] = (),
        marks: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.marks = marks
        set_choices(self, "facts", facts)
        set_choices(self, "deeds", deeds)
        set_choices(self, "who", [("", "–"), *people])
        zone = timezone.get_current_timezone_name()
        self.fields["by"].help_text = _now("Your time, %(zone)s.") % {"zone": zone}
        focus(self, "situation")

    def clean_facts(self) -> list[int]:
        """No more than there is room for."""
        return self._few("facts")

    def clean_deeds(self) -> list[int]:
        """No more than there is room for."""
        return self._few("deeds")

    def _few(self, name: str) -> list[int]:
        picked: list[int] = self.cleaned_data[name]
        if len(picked) > MAX_LINES:
            raise ValidationError(_now("Choose at most %(n)d.") % {"n": MAX_LINES})
        return picked

    def clean_by(self) -> datetime | None:
        """A time to come, in a year that a calendar of ours knows."""
        found: datetime | None = self.cleaned_data["by"]
        if found is not None and found.year > _LAST_YEAR:
            raise ValidationError(_now("Choose a time in this century."))
        if found is not None and found <= timezone.now():
            raise ValidationError(_now("Choose a time that is still to come."))
        return found

    def clean(self) -> dict[str, Any]:
        """What belongs together, and nobody named where it goes further than the case."""
        data = super().clean() or {}
        if data.get("money") is not None and not data.get("currency"):
            self.add_error("currency", _now("Choose the currency."))
        wanted = "situation" if data.get("level") == FULL else "neutral"
        if not plain(data.get(wanted, "")) and wanted not in self.errors:
            self.add_error(wanted, _now("Say what the situation is."))
        for name in _GOES_FURTHER:
            if found := named_in(data.get(name, ""), self.marks):
                text = _now("This goes to readers who do not see the case. Take out: %(names)s")
                self.add_error(name, text % {"names": ", ".join(found)})
        return data

    def writing(self) -> Writing:
        """What was said, as the action takes it."""
        data = self.cleaned_data
        exposure = Exposure(
            data["money"], data["currency"], data["people"],
            data["legal"], data["legal_words"], data["reach"], data["reach_words"],
        )  # fmt: skip
        return Writing(
            data["language"], data["level"], data["situation"], data["neutral"], data["facts"], data["deeds"],
            exposure, data["next_step"], data["who"], data["by"],
        )  # fmt: skip


class GiveBriefForm(forms.Form):
    """For whom a copy is, and how much it says."""

    reader = id_field(
        _("Somebody of the portal"), required=False, help_text=_("People who may see the case. They are told.")
    )
    name = forms.CharField(
        label=_("Or somebody without an account"), max_length=MAX_NAME, required=False,
        help_text=_("You get a PDF to pass on. Only the owner and the service’s leads do this."),
    )  # fmt: skip
    level = forms.ChoiceField(label=_("Level"))
    reason = reason_field(required=False, help_text=_("Needed for somebody without an account."))

    def __init__(
        self, *args: Any, readers: Iterable[Choice] = (), levels: Iterable[Choice] = (), outside: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "reader", [("", "–"), *readers])
        set_choices(self, "level", levels)
        if not outside:
            del self.fields["name"], self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        """One reader, not two and not none."""
        data = super().clean() or {}
        name = plain(data.get("name", ""))
        if not self.errors and (data.get("reader") is None) is not bool(name):
            self.add_error("reader", _now("Choose one reader."))
        elif name and not data.get("reason", "").strip() and "reason" not in self.errors:
            self.add_error("reason", _now("Say why."))
        return data
