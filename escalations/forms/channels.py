"""Systems that write to us for customers, and systems that hear of cases."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from escalations.choices.hooks import DoorKind, Happening
from escalations.forms.base import Choice, Versioned, id_field, set_choices


class EndpointForm(Versioned):
    """What an endpoint does with what comes in."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("Of the system that writes here."))
    site = id_field(
        _("Site of new cases"), required=False,
        help_text=_("With one, the site reads the subject: it is the name of the endpoint then, not the customer’s words."),
    )  # fmt: skip
    issue_type = id_field(_("Issue type of new cases"), required=False)

    def __init__(self, *args: Any, sites: Iterable[Choice] = (), issues: Iterable[Choice] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "site", [("", _("None")), *sites])
        set_choices(self, "issue_type", [("", _("None")), *issues])

    def settings(self) -> dict[str, Any]:
        """As the actions take it."""
        data = self.cleaned_data
        return {"name": data["name"], "site_id": data["site"], "issue_type_id": data["issue_type"]}


class NewEndpointForm(EndpointForm):
    """One more endpoint; service and kind are chosen once."""

    service = id_field(_("Service"))
    kind = forms.ChoiceField(label=_("Kind"), choices=DoorKind.choices)
    field_order = ("service", "kind", "name", "site", "issue_type")

    def __init__(self, *args: Any, services: Iterable[Choice] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["version"]
        set_choices(self, "service", [("", _("Choose")), *services])


class SubscriptionForm(Versioned):
    """What a receiver hears, and of whose cases."""

    services = forms.TypedMultipleChoiceField(label=_("Services"), coerce=int, widget=forms.CheckboxSelectMultiple)
    events = forms.MultipleChoiceField(
        label=_("Events"), choices=Happening.choices, widget=forms.CheckboxSelectMultiple
    )
    is_on = forms.BooleanField(
        label=_("Sends"), required=False, help_text=_("Off: nothing goes out, and nothing is kept for later.")
    )

    def __init__(self, *args: Any, services: Iterable[Choice] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "services", services)

    def settings(self) -> dict[str, Any]:
        """As the actions take it."""
        data = self.cleaned_data
        return {"events": data["events"], "service_ids": data["services"]}


class NewSubscriptionForm(SubscriptionForm):
    """One more receiver that hears of cases."""

    target = id_field(
        _("Webhook"), help_text=_("Receivers are kept under Webhooks, where their secret and the last requests are.")
    )
    field_order = ("target", "services", "events")

    def __init__(self, *args: Any, targets: Iterable[Choice] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["version"], self.fields["is_on"]
        set_choices(self, "target", [("", _("Choose")), *targets])
