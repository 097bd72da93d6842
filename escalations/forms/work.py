"""Work on one case: assign, severity, state, notes, contacts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from escalations.choices import Channel, Direction, Impact, Outcome, Reject, Severity, Signal, Urgency, Verb
from escalations.forms.base import Choice, Versioned, focus, id_field, reason_field, set_choices, text_field

# How somebody can be in touch with a customer; an import is no contact.
CONTACT_CHANNELS = [(value, label) for value, label in Channel.choices if value != Channel.IMPORT]
# What can come of a contact, by its direction.
OUTCOMES = {
    Direction.INBOUND: (Outcome.RECEIVED, Outcome.REACHED),
    Direction.OUTBOUND: (Outcome.REACHED, Outcome.NO_ANSWER, Outcome.VOICEMAIL, Outcome.SENT),
}
# Taking a case off its owner is chosen as well, never what comes of choosing nothing.
NOBODY = "nobody"
_CHOOSE = {"required": _("Choose one.")}


def _owner(value: str) -> int | None:
    return None if value == NOBODY else int(value)


class AssignForm(Versioned):
    """Who works on the case from now on."""

    owner = forms.TypedChoiceField(label=_("Assign to"), coerce=_owner, empty_value=None, error_messages=_CHOOSE)
    note = reason_field(_("Handover note"), required=False, help_text=_("The new owner reads this first."))

    def __init__(self, *args: Any, owners: Iterable[Choice] = (), nobody: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        last = [(NOBODY, _("Nobody yet"))] if nobody else []
        set_choices(self, "owner", [("", _("Choose")), *owners, *last])
        focus(self, "owner")


class SeverityFields(forms.Form):
    """Impact x urgency, signals, and what a person may say against the matrix."""

    impact = forms.ChoiceField(label=_("Impact"), choices=[("", _("Choose")), *Impact.choices], required=False)
    urgency = forms.ChoiceField(label=_("Urgency"), choices=[("", _("Choose")), *Urgency.choices], required=False)
    signals = forms.MultipleChoiceField(
        label=_("Signals"),
        choices=Signal.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Each of these makes the case S1."),
    )
    override = forms.TypedChoiceField(
        label=_("Override"),
        choices=[("", _("As the matrix says")), *Severity.choices],
        coerce=int,
        empty_value=None,
        required=False,
    )
    override_reason = reason_field(_("Why another severity"), required=False)

    def clean(self) -> dict[str, Any]:
        """Impact and urgency together, or a signal that speaks for itself; an override needs its reason."""
        data = super().clean() or self.cleaned_data
        if not data.get("signals") or data.get("impact") or data.get("urgency"):
            for name in ("impact", "urgency"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _now("Choose one."))
        if data.get("override") and not data.get("override_reason"):
            self.add_error("override_reason", _now("Say why the matrix does not fit."))
        return data


class SeverityForm(SeverityFields, Versioned):
    """Another severity for a case."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        focus(self, "impact")


class StateForm(Versioned):
    """One step of the state machine. Rejecting needs a cause, and only rejecting has one."""

    verb = forms.ChoiceField(label=_("What happens"), choices=Verb.choices, error_messages=_CHOOSE)
    reject_reason = forms.ChoiceField(
        label=_("If rejected, why"), choices=[("", _("Choose")), *Reject.choices], required=False
    )
    reason = reason_field(_("Note"), required=False, help_text=_("Stands in the activity, for colleagues only."))

    def __init__(self, *args: Any, verbs: Iterable[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [str(verb) for verb in Verb] if verbs is None else [str(verb) for verb in verbs]
        self.impossible = not offered
        set_choices(self, "verb", [("", _("Choose")), *((verb, Verb(verb).label) for verb in offered)])
        if str(Verb.REJECT) not in offered:
            del self.fields["reject_reason"]
        focus(self, "verb")

    def clean(self) -> dict[str, Any]:
        """A cause with a rejection, none without."""
        data = super().clean() or self.cleaned_data
        if data.get("verb") != Verb.REJECT:
            data["reject_reason"] = ""
        elif not data.get("reject_reason"):
            self.add_error("reject_reason", _now("Choose why the case is not taken on."))
        return data


class NoteForm(forms.Form):
    """A note for colleagues, or one that the partner reads too."""

    text = text_field(_("Note"))
    shared = forms.ChoiceField(
        label=_("Who reads it"),
        choices=[("0", _("Internal")), ("1", _("Shared with the partner"))],
        required=False,
    )

    def __init__(self, *args: Any, only_shared: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.only_shared = only_shared

    def clean_shared(self) -> bool:
        """Whoever reads shared entries only writes shared ones."""
        return self.only_shared or self.cleaned_data["shared"] == "1"


class ContactForm(forms.Form):
    """What was said with the customer, where, and with what outcome."""

    channel = forms.ChoiceField(label=_("Channel"), choices=CONTACT_CHANNELS)
    direction = forms.ChoiceField(label=_("Direction"), choices=Direction.choices, initial=Direction.OUTBOUND)
    outcome = forms.ChoiceField(label=_("Outcome"), choices=Outcome.choices)
    text = text_field(_("What was said"))

    def clean(self) -> dict[str, Any]:
        """An outcome that fits the direction."""
        data = super().clean() or self.cleaned_data
        direction, outcome = data.get("direction"), data.get("outcome")
        if direction and outcome and outcome not in OUTCOMES[Direction(direction)]:
            self.add_error("outcome", _now("Choose an outcome that fits the direction."))
        return data


class EscalateForm(Versioned):
    """To the next level of the policy, from the one that the reader saw."""

    reason = reason_field(_("Why it has to go up"), help_text=_("The next level reads this first."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        focus(self, "reason")


class ServiceChangeForm(Versioned):
    """Another team's case."""

    service = id_field(_("Service"))
    reason = reason_field(_("Note"), required=False)

    def __init__(self, *args: Any, services: Iterable[Choice] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "service", services)
        focus(self, "service")


class DetailsForm(Versioned):
    """What the case says of itself."""

    subject = forms.CharField(label=_("Subject"), max_length=200)
    issue_type = id_field(_("Issue type"), required=False)
    customer_ref = forms.CharField(label=_("Customer reference"), max_length=80, required=False)
    contact_hint = forms.CharField(label=_("How to be in touch"), max_length=200, required=False)

    def __init__(self, *args: Any, issue_types: Iterable[Choice] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "issue_type", [("", _("Not said")), *issue_types])
        focus(self, "subject")
