"""The input boundary."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from portal.mailbox.choices import Security, Taken
from portal.mailbox.queries import active_mailboxes
from portal.mailbox.registry import handlers
from portal.ui.forms import choose


class MailboxForm(forms.Form):
    """Everything about a mailbox; on a change, an empty password keeps the old one."""

    name = forms.CharField(label=_("Name"), max_length=100)
    address = forms.EmailField(label=_("Address"), max_length=254, help_text=_("Where people write to"))
    handler = forms.ChoiceField(label=_("Mail is for"))
    host = forms.RegexField(r"^[A-Za-z0-9._:-]+$", label=_("IMAP server"), max_length=253)
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, initial=993)
    security = forms.ChoiceField(label=_("Encryption"), choices=Security.choices, initial=Security.TLS)
    username = forms.CharField(label=_("User name"), max_length=254)
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    folder = forms.CharField(label=_("Folder"), max_length=100, initial="INBOX")

    def __init__(self, *args: Any, mailbox_id: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._mailbox_id = mailbox_id
        known = [(one.kind, one.label) for one in handlers().values()]
        kept = self.initial.get("handler")
        if kept and kept not in handlers():
            known.append((kept, kept))
        choose(self, "handler", known)
        if mailbox_id is not None:
            self.fields["password"].required = False
            self.fields["password"].help_text = _("Leave empty to keep the one that is stored")

    def clean(self) -> dict[str, Any]:
        """Names are unique, and a folder is read once."""
        data = super().clean() or {}
        others = active_mailboxes().exclude(pk=self._mailbox_id or 0)
        if others.filter(name=data.get("name", "")).exists():
            self.add_error("name", Taken.NAME.label)
        place = {key: data.get(key, "") for key in ("host", "username", "folder")}
        if others.filter(**place).exists():
            raise ValidationError(Taken.PLACE.label)
        return data
