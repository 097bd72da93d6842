"""Offering a case with all that the next one has to know, asking a colleague, and the answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from escalations.choices import Reason
from escalations.choices.handing import Part
from escalations.forms.base import Choice, focus, id_field, reason_field, set_choices, text_field
from escalations.rules.handing import faults_of
from portal.ui.walltimes import WallTimeField, instant_of

MAX_PART: Final = 4_000
_PERSON, _SERVICE = "person", "service"


class OfferForm(forms.Form):
    """To whom, and the four things that they have to know. Each is said, or ticked as nothing."""

    target = forms.ChoiceField(label=_("Offer it to"))

    def __init__(
        self,
        *args: Any,
        people: Iterable[tuple[int, str]] = (),
        services: Iterable[tuple[int, str]] = (),
        draft: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        groups: list[Choice] = [
            (_now("People"), [(f"{_PERSON}:{pk}", name) for pk, name in people]),
            (_now("Services"), [(f"{_SERVICE}:{pk}", name) for pk, name in services]),
        ]
        set_choices(self, "target", [("", _("Choose")), *(group for group in groups if group[1])])
        for part in Part:
            text = (draft or {}).get(part.value, "")
            self.fields[part.value] = text_field(part.label, limit=MAX_PART, rows=3, required=False, initial=text)
            self.fields[f"nothing_{part.value}"] = forms.BooleanField(label=_NOTHING[part], required=False)
        focus(self, "target")

    @property
    def nothing(self) -> list[str]:
        """The parts that were ticked."""
        return [part.value for part in Part if self.cleaned_data.get(f"nothing_{part.value}")]

    @property
    def summary(self) -> dict[str, str]:
        """What was said of each part."""
        return {part.value: self.cleaned_data.get(part.value, "") for part in Part}

    @property
    def user_id(self) -> int | None:
        """The person whom it goes to."""
        return self._target(_PERSON)

    @property
    def service_id(self) -> int | None:
        """The service that it goes to."""
        return self._target(_SERVICE)

    def _target(self, kind: str) -> int | None:
        found, _sign, pk = self.cleaned_data["target"].partition(":")
        return int(pk) if found == kind else None

    def clean(self) -> dict[str, Any]:
        """Words or a tick for each part."""
        data = super().clean() or self.cleaned_data
        for part, code in faults_of(self.summary, self.nothing).items():
            if part not in self.errors:
                self.add_error(part, str(Reason(code).label))
        return data


_NOTHING: Final = {
    Part.DONE: _("Nothing was done yet"),
    Part.OPEN: _("Nothing is open"),
    Part.PROMISED: _("Nothing was promised"),
    Part.RISKS: _("No risks are known"),
}


class AskForm(forms.Form):
    """A question to a colleague, and until when it is to be answered, by the asker's own clock."""

    person = id_field(_("Ask"))
    question = text_field(_("Question"), help_text=_("They read the whole case until they have answered."))
    due_at = WallTimeField(label=_("Answer by"))

    def __init__(self, *args: Any, people: Iterable[tuple[int, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "person", [("", _("Choose")), *people])
        zone = timezone.get_current_timezone_name()
        self.fields["due_at"].help_text = _now("Your time, %(zone)s.") % {"zone": zone}
        focus(self, "person")

    def clean_due_at(self) -> Any:
        """The instant at which the asker's clock shows this."""
        try:
            return instant_of(self.cleaned_data["due_at"], ZoneInfo(timezone.get_current_timezone_name()))
        except OverflowError:
            raise forms.ValidationError(str(Reason.DUE_UNFIT.label)) from None


class OfferAnswerForm(forms.Form):
    """Accept, decline with a reason, or take back."""

    act = forms.ChoiceField(
        choices=[("accept", pgettext_lazy("hand-over", "Accept")), ("decline", _("Decline")), ("back", _("Take back"))]
    )
    reason = reason_field(_("Why not"), required=False, help_text=_("Whoever offered it reads this."))

    def clean(self) -> dict[str, Any]:
        """A reason to decline."""
        data = super().clean() or self.cleaned_data
        if data.get("act") == "decline" and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", str(Reason.REASON_NEEDED.label))
        return data


class ConsultAnswerForm(forms.Form):
    """The answer, or that none is needed any more."""

    act = forms.ChoiceField(choices=[("answer", pgettext_lazy("hand-over", "Answer")), ("withdraw", _("Withdraw"))])
    text = text_field(pgettext_lazy("hand-over", "Answer"), required=False)

    def clean(self) -> dict[str, Any]:
        """Words to answer with."""
        data = super().clean() or self.cleaned_data
        if data.get("act") == "answer" and not data.get("text") and "text" not in self.errors:
            self.add_error("text", str(Reason.TEXT_NEEDED.label))
        return data
