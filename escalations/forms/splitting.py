"""Splitting messages off a case."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from escalations.forms.base import Choice, Versioned, id_field, set_choices
from escalations.forms.work import SeverityFields


class SplitForm(SeverityFields, Versioned):
    """What the new case is, and which messages go along. `token` makes a second press of the button harmless."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    subject = forms.CharField(label=_("Subject"), max_length=200, help_text=_("One line: who is affected, and how."))
    service = id_field(_("Service"))
    issue_type = id_field(_("Issue type"), required=False)
    entries = forms.TypedMultipleChoiceField(
        label=_("What goes along"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Both cases show these messages. Nothing is taken out of this one."),
        error_messages={"required": _("Choose at least one message.")},
    )

    def __init__(
        self,
        *args: Any,
        entries: Iterable[Choice] = (),
        services: Iterable[Choice] = (),
        issue_types: Iterable[Choice] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["token"].initial = uuid4
        set_choices(self, "entries", entries)
        set_choices(self, "service", [("", _("Choose")), *services])
        set_choices(self, "issue_type", [("", _("Not said")), *issue_types])

    def clean_token(self) -> UUID:
        """The form's own mark."""
        token: UUID = self.cleaned_data["token"]
        return token

    def clean_subject(self) -> str:
        """One line, whatever was pasted."""
        subject = " ".join(self.cleaned_data["subject"].split())
        if not subject:
            raise forms.ValidationError(_now("Say in one line what this is about."))
        return subject
