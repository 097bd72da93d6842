"""Macros: writing them, and running one on a case."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from escalations.choices import Verb
from escalations.choices.replies import MAX_BODY, ReplyLanguage
from escalations.forms.base import Choice, Versioned, id_field, reason_field, set_choices, text_field
from escalations.forms.config import NamedForm
from escalations.forms.replies import readable


class MacroForm(NamedForm):
    """What a macro does, from top to bottom."""

    service = id_field(_("Service"), required=False)
    take = forms.BooleanField(label=_("Take the case"), required=False)
    note = text_field(
        _("Write an internal note"), limit=MAX_BODY, required=False, help_text=_("May have the variables of templates.")
    )
    note_zh = text_field(
        _("The note in Chinese"), limit=MAX_BODY, required=False,
        help_text=_("Empty: the first note is written in either language."),
    )  # fmt: skip
    reply = id_field(_("Log a reply from the template"), required=False)
    verb = forms.ChoiceField(
        label=_("Change the state"),
        choices=[("", _("No change")), *((verb.value, verb.label) for verb in Verb if verb != Verb.REJECT)],
        required=False,
    )
    field_order = ("version", "service", "name", "name_zh", "take", "note", "note_zh", "reply", "verb")

    def __init__(
        self,
        *args: Any,
        replies: Iterable[Choice],
        services: Iterable[Choice] = (),
        new: bool = False,
        for_all: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "reply", [("", _("None")), *replies])
        if not new:
            del self.fields["service"]
            return
        del self.fields["version"]
        set_choices(self, "service", [("", _("All services") if for_all else _("Choose")), *services])
        self.fields["service"].required = not for_all

    def clean_note(self) -> str:
        """A text that can be read."""
        return readable(self.cleaned_data["note"])

    def clean_note_zh(self) -> str:
        """The same in Chinese."""
        return readable(self.cleaned_data["note_zh"])


class RunMacroForm(Versioned):
    """Which macro; then, with all that it does in view, its words. `seen` names the macro, its version and the language that
    were looked at."""

    macro = id_field(_("Macro"))
    language = forms.ChoiceField(label=_("Language"), choices=ReplyLanguage.choices, initial=ReplyLanguage.ENGLISH)
    note = text_field(_("Internal note"), required=False)
    text = text_field(_("Reply"), rows=8, required=False)
    ask_reason = reason_field(
        _("Why ask all the same"), required=False, help_text=_("Stands in the activity, for colleagues only.")
    )
    reason = reason_field(
        _("Why the case ends all the same"), required=False, help_text=_("Stands in the activity, for colleagues only.")
    )
    seen = forms.CharField(max_length=80, required=False, widget=forms.HiddenInput)
