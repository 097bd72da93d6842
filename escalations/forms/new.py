"""A new case."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from escalations.choices import Sensitivity
from escalations.forms.base import Choice, id_field, set_choices, text_field
from escalations.forms.work import CONTACT_CHANNELS, SeverityFields


class NewCaseForm(SeverityFields):
    """Everything that a case needs to be worked on. `token` makes a second press of the button harmless."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    subject = forms.CharField(label=_("Subject"), max_length=200, help_text=_("One line: who is affected, and how."))
    description = text_field(_("What happened"), rows=6)
    service = id_field(_("Service"))
    site = id_field(_("Site"), required=False)
    issue_type = id_field(_("Issue type"), required=False)
    channel = forms.ChoiceField(label=_("Channel"), choices=CONTACT_CHANNELS)
    customer_ref = forms.CharField(
        label=_("Customer reference"), max_length=80, required=False, help_text=_("An identifier, not a name.")
    )
    contact_hint = forms.CharField(
        label=_("How to be in touch"),
        max_length=200,
        required=False,
        help_text=_("Preferred channel, language and hours."),
    )
    sensitivity = forms.ChoiceField(
        label=_("Sensitivity"), choices=Sensitivity.choices, initial=Sensitivity.STANDARD, required=False
    )

    def __init__(
        self,
        *args: Any,
        services: Iterable[Choice] = (),
        sites: Iterable[Choice] = (),
        issue_types: Iterable[Choice] = (),
        site_required: bool = False,
        may_override: bool = False,
        may_mark: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["token"].initial = uuid4
        set_choices(self, "service", [("", _("Choose")), *services])
        self._offer_sites(list(sites), required=site_required)
        set_choices(self, "issue_type", [("", _("Not said")), *issue_types])
        self._drop(may_override=may_override, may_mark=may_mark)

    def _offer_sites(self, sites: list[Choice], *, required: bool) -> None:
        """Whoever has one site need not choose."""
        self.fields["site"].required = required
        if required and len(sites) == 1:
            set_choices(self, "site", sites)
        else:
            set_choices(self, "site", [("", _("Choose") if required else _("No site")), *sites])

    def _drop(self, *, may_override: bool, may_mark: bool) -> None:
        gone = [] if may_override else ["override", "override_reason"]
        for name in [*gone, *([] if may_mark else ["sensitivity"])]:
            del self.fields[name]

    def clean_token(self) -> UUID:
        """The form's own mark."""
        token: UUID = self.cleaned_data["token"]
        return token

    def clean_sensitivity(self) -> str:
        """Standard unless somebody says otherwise."""
        return self.cleaned_data["sensitivity"] or str(Sensitivity.STANDARD)

    def clean_subject(self) -> str:
        """One line, whatever was pasted."""
        subject = " ".join(self.cleaned_data["subject"].split())
        if not subject:
            raise forms.ValidationError(_now("Say in one line what this is about."))
        return subject
