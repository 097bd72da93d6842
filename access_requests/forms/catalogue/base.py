"""What the catalogue's forms have in common: refusals at their field, and the second of two editors told what changed."""

from collections.abc import Iterable
from typing import Any, TypedDict

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from portal.refusals import RefusedError
from portal.ui.versioned import MAX_VERSION, VersionedForm

from ...wording import refusal


class Names(TypedDict):
    """What something is called."""

    name: str
    name_zh: str


def id_choice(label: Any, *, required: bool = False, hint: Any = "") -> forms.TypedChoiceField:
    """One of some rows by its id; empty is None."""
    return forms.TypedChoiceField(label=label, required=required, coerce=int, empty_value=None, help_text=hint)


def code_field() -> forms.SlugField:
    """The code of something new."""
    return forms.SlugField(
        label=_("Code"),
        max_length=40,
        help_text=_("Letters, digits and hyphens; stands in addresses and cannot be changed."),
    )


def offer(form: forms.Form, name: str, choices: Iterable[Any], empty: Any = None) -> None:
    """Give a choice field its options; `empty` is what no choice is called."""
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(f"{name} is not a choice")
    field.choices = [*([] if empty is None else [("", empty)]), *choices]


class ArchiveForm(forms.Form):
    """To archive or to bring back, as of a version."""

    version = forms.IntegerField(min_value=1, max_value=MAX_VERSION, widget=forms.HiddenInput)
    archived = forms.TypedChoiceField(
        choices=[("1", ""), ("0", "")], coerce=lambda value: value == "1", widget=forms.HiddenInput
    )


class NameFilter(forms.Form):
    """A search text, and whether to show what is archived."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput(
            attrs={"type": "search", "class": "input", "placeholder": _("Name or code"), "autocomplete": "off"}
        ),
    )
    archived = forms.BooleanField(label=_("Archived"), required=False)


class CatalogueForm(VersionedForm):
    """A form over one named row."""

    name = forms.CharField(label=_("Name"), max_length=120)
    name_zh = forms.CharField(
        label=_("Name in Chinese"), max_length=120, required=False, help_text=_("Empty: the first name is shown.")
    )

    def clean_code(self) -> str:
        """A code that is not an address of its own."""
        code: str = self.cleaned_data["code"]
        if code == "new":
            raise ValidationError(_("Choose another code: this one is an address already."))
        return code

    @classmethod
    def initial_from(cls, row: Any) -> dict[str, Any]:
        """The row's values by field name."""
        found = {"version": row.version, "name": row.name, "name_zh": row.name_zh}
        for name in cls.base_fields:
            if name not in found:
                found[name] = getattr(row, f"{name}_id", None) if hasattr(row, f"{name}_id") else getattr(row, name, "")
        return found

    def standing(self, row: Any) -> dict[str, Any]:
        """The same of every field, for whoever was slower; secrets are not told."""
        found = self.initial_from(row)
        return {name: found.get(name) for name, field in self.fields.items() if not _secret(field)}

    def named(self) -> Names:
        """The names."""
        return {"name": self.cleaned_data["name"], "name_zh": self.cleaned_data["name_zh"]}

    def words_of(self, refused: RefusedError) -> str:
        """A refusal in the reader's language."""
        return refusal(refused.code, refused.params)

    def differs(self, name: str, value: Any) -> bool:
        """Whether what was typed reads differently."""
        field = self.fields[name]
        return self.shown(field, value) != self.shown(field, self.cleaned_data.get(name))

    def shown(self, field: forms.Field, value: Any) -> str:
        """The value in words; lines and lists with commas."""
        if value in (None, "", []):
            return "–"
        if isinstance(field, forms.ChoiceField | forms.BooleanField):
            return super().shown(field, value)
        value = field.prepare_value(value)
        return ", ".join(value if isinstance(value, (list, tuple)) else str(value).splitlines())


def _secret(field: forms.Field) -> bool:
    return isinstance(field.widget, forms.PasswordInput)
