"""Mail of cases: what goes out, and the mailboxes of a service."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from escalations.forms.base import Choice, Versioned, id_field, set_choices, text_field

NO_SIGNATURE = ("", _("No signature"))


class MailForm(forms.Form):
    """A mail on a case. `once` names the form, so that sending it twice is one mail."""

    to = forms.EmailField(label=pgettext_lazy("recipient", "To"), max_length=254)
    subject = forms.CharField(
        label=_("Subject"), max_length=200, help_text=_("The reference is put before it, so that answers find back.")
    )
    text = text_field(_("Message text"), rows=10)
    signature = forms.ChoiceField(label=_("Signature"), required=False)
    once = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, signatures: Iterable[Choice] = (), subject: bool = True, **kwargs: Any) -> None:
        kwargs["initial"] = {"once": uuid.uuid4(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        found = list(signatures)
        if found:
            set_choices(self, "signature", [NO_SIGNATURE, *found])
        else:
            del self.fields["signature"]
        if not subject:
            del self.fields["subject"]
        self.fields["text"].widget.attrs["autofocus"] = True


class MailboxSettingsForm(Versioned):
    """What a service does with a mailbox of its own."""

    site = id_field(_("Site of new cases"), required=False)
    signature = text_field(_("Signature"), limit=1000, rows=3, required=False)
    signature_zh = text_field(_("Signature in Chinese"), limit=1000, rows=3, required=False)
    plus_address = forms.BooleanField(
        label=_("Answers go to an address with the reference (box+EC-1@host)"),
        required=False,
        help_text=_("Only if the mail server takes such addresses; otherwise answers would come back."),
    )

    def __init__(self, *args: Any, sites: Iterable[Choice] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "site", [("", _("None")), *sites])

    def settings(self) -> dict[str, Any]:
        """As the actions take it."""
        data = self.cleaned_data
        return {
            "site_id": data["site"],
            "signature": data["signature"],
            "signature_zh": data["signature_zh"],
            "plus_address": data["plus_address"],
        }


class BindMailboxForm(MailboxSettingsForm):
    """A mailbox that is no service's yet."""

    mailbox = id_field(_("Mailbox"))
    field_order = ("mailbox", "site", "signature", "signature_zh", "plus_address")

    def __init__(self, *args: Any, mailboxes: Iterable[Choice] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["version"]
        set_choices(self, "mailbox", [("", _("Choose")), *mailboxes])
