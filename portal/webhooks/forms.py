"""The input boundary."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from portal.webhooks.choices import NAME_TAKEN
from portal.webhooks.guard import BlockedError, check_url
from portal.webhooks.queries import active_targets

_REASONS = {
    "this is no address": _("This is no address."),
    "the address must begin with https://": _("The address must begin with https://."),
    "an address must not hold a password": _("An address must not hold a password: requests are signed instead."),
}


class TargetForm(forms.Form):
    """Name and address of a target."""

    name = forms.CharField(label=_("Name"), max_length=100)
    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
        help_text=_(
            "Signed requests are sent here. Addresses inside the house are refused unless the operators allow them."
        ),
    )

    def __init__(self, *args: object, target_id: int | None = None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._target_id = target_id

    def clean_name(self) -> str:
        """Names of targets in use are unique."""
        name: str = self.cleaned_data["name"]
        if active_targets().filter(name=name).exclude(pk=self._target_id or 0).exists():
            raise ValidationError(NAME_TAKEN)
        return name

    def clean_url(self) -> str:
        """Only addresses that requests may go to; who is behind the name is looked up with every request."""
        url: str = self.cleaned_data["url"].strip()
        try:
            check_url(url)
        except BlockedError as error:
            raise ValidationError(_REASONS[str(error)]) from error
        return url
