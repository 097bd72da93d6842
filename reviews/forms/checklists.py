"""Forms of checklists, their sections and questions, and of themes."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from ..choices import QuestionKind
from .base import VersionedForm

_CODE = RegexValidator(r"\A[a-z][a-z0-9-]*\Z", _("Use small letters, digits and hyphens; begin with a letter."), "code")
# It would be the address of the page that adds one.
_NOT_NEW = RegexValidator(r"\Anew\Z", _("This word is an address here. Choose another."), "code", inverse_match=True)


class CodeField(forms.CharField):
    """A short name that stays the same."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Code"), max_length=40, validators=[_CODE, _NOT_NEW], **kwargs)


class NamedForm(VersionedForm):
    """The names of a checklist or a theme."""

    name = forms.CharField(label=_("Name"), max_length=120)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=120, required=False)

    @staticmethod
    def initial_from(row: Any) -> dict[str, Any]:
        """The row's values by field name."""
        return {"version": row.version, "name": row.name, "name_zh": row.name_zh}


class NewNamedForm(NamedForm):
    """One that is not there yet."""

    code = CodeField(help_text=_("In addresses; it stays."))
    field_order = ("code", "name", "name_zh")


class SectionForm(VersionedForm):
    """A section of the draft."""

    code = CodeField(help_text=_("Visits are compared by it, from version to version."))
    text = forms.CharField(label=_("Section"), max_length=300)
    text_zh = forms.CharField(label=_("Section in Chinese"), max_length=300, required=False)

    def values(self) -> dict[str, Any]:
        """What was typed."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class QuestionForm(SectionForm):
    """A question of a section of the draft."""

    text = forms.CharField(label=_("Question"), max_length=300)
    text_zh = forms.CharField(label=_("Question in Chinese"), max_length=300, required=False)
    kind = forms.ChoiceField(label=_("Answer"), choices=QuestionKind.choices)
    most = forms.IntegerField(
        label=_("Highest score"),
        min_value=1,
        max_value=100,
        initial=4,
        required=False,
        help_text=_("For scores; they begin at 0."),
    )
    weight = forms.DecimalField(
        label=_("Weight"), min_value=0, max_value=999, max_digits=5, decimal_places=2, initial=1, required=False,
        help_text=_("In the score of its section; 0 does not count. Words never count."),
    )  # fmt: skip
    wants_photo = forms.BooleanField(label=_("Ask for a photo"), required=False)

    def values(self) -> dict[str, Any]:
        """What was typed; a yes is one point, and words have none."""
        found = super().values()
        kind = found["kind"]
        found["most"] = (found["most"] or 1) if kind == QuestionKind.SCORE else 1
        weight = 1 if found["weight"] is None else found["weight"]
        found["weight"] = 0 if kind == QuestionKind.TEXT else weight
        return found
