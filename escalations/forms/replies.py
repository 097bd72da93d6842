"""Reply templates: writing them, and starting a reply from one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from escalations.choices.facts import CardKey, FactKey
from escalations.choices.replies import MAX_BODY, VARIABLES, ReplyLanguage
from escalations.forms.base import Choice, id_field, reason_field, set_choices, text_field
from escalations.forms.config import NamedForm
from escalations.rules.rendering import BadTemplateError, parse

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def _body_field(label: StrOrPromise, **options: Any) -> forms.CharField:
    return text_field(label, limit=MAX_BODY, rows=10, **options)


class TemplateForm(NamedForm):
    """What a template says in both languages, and what of it the customer is asked for."""

    service = id_field(_("Service"), required=False)
    body = _body_field(_("Text in English"))
    body_zh = _body_field(_("Text in Chinese"), required=False, help_text=_("Empty: it is offered in English only."))
    asks = forms.MultipleChoiceField(
        label=_("Asks the customer for"),
        choices=[*FactKey.choices, *CardKey.choices],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Where one of these is known already, the template is stopped and the fact is shown."),
    )
    field_order = ("version", "service", "name", "name_zh", "body", "body_zh", "asks")

    def __init__(
        self, *args: Any, services: Iterable[Choice] = (), new: bool = False, for_all: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if not new:
            del self.fields["service"]
            return
        del self.fields["version"]
        set_choices(self, "service", [("", _("All services") if for_all else _("Choose")), *services])
        self.fields["service"].required = not for_all

    def clean_body(self) -> str:
        """A text that can be read."""
        return readable(self.cleaned_data["body"])

    def clean_body_zh(self) -> str:
        """The same in Chinese."""
        return readable(self.cleaned_data["body_zh"])


def readable(text: str) -> str:
    """The text with plain ends of lines, if its variables can be read. Raises ValidationError that says where it cannot."""
    # What is counted is what the person sees in the control, where a line ends with one character.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        parse(text, VARIABLES)
    except BadTemplateError as bad:
        raise forms.ValidationError(fault_text(bad)) from None
    return text


def fault_text(bad: BadTemplateError) -> str:
    """Where a text cannot be read, and what to do about it."""
    words = {"line": bad.line, "column": bad.column, "found": bad.found}
    if bad.fault == "unknown":
        return (
            _now("Line %(line)d, character %(column)d: there is no variable “%(found)s”. Take one of the list.") % words
        )
    if bad.fault == "bracket":
        return (
            _now("Line %(line)d, character %(column)d: %(found)s marks what is to be filled in. Take other brackets.")
            % words
        )
    return _now("Line %(line)d, character %(column)d: “%(found)s” is no variable. Write it like {{ subject }}.") % words


class _Beginning(forms.ChoiceField):
    """What the button beside it reads. To send, it says nothing, so what was chosen may have gone since."""

    def clean(self, value: object) -> str:
        return ""


class TemplateFields(forms.Form):
    """What a reply may begin with. `used` and `used_language` say what its text was made from."""

    template = _Beginning(label=_("Template"), required=False)
    template_language = _Beginning(label=_("Language"), choices=ReplyLanguage.choices, required=False)
    without_template = forms.BooleanField(label=_("Keep the text without the template"), required=False)
    ask_reason = reason_field(
        _("Why ask all the same"), required=False, help_text=_("Stands in the activity, for colleagues only.")
    )
    used = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
    used_language = forms.ChoiceField(
        choices=[("", ""), *ReplyLanguage.choices], required=False, widget=forms.HiddenInput
    )
    starting_fields: Final = ("template", "template_language", "ask_reason", "without_template")

    def visible_fields(self) -> list[forms.BoundField]:
        """Those of the reply itself; the template's stand apart."""
        return [bound for bound in super().visible_fields() if bound.name not in self.starting_fields]
