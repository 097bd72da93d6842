"""What the catalogue's forms have in common: refusals at their field, and the second of two editors told what changed."""

from collections.abc import Collection, Iterable
from typing import Any, TypedDict

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from portal.refusals import RefusedError

from ...wording import refusal

MAX_VERSION = 2**31 - 1


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


class CatalogueForm(forms.Form):
    """A form over one named row: its version travels along, so that nobody overwrites what they have not seen."""

    version = forms.IntegerField(required=False, min_value=1, max_value=MAX_VERSION, widget=forms.HiddenInput)
    name = forms.CharField(label=_("Name"), max_length=120)
    name_zh = forms.CharField(
        label=_("Name in Chinese"), max_length=120, required=False, help_text=_("Empty: the first name is shown.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.changed_meanwhile: list[tuple[str, str]] = []

    def clean_code(self) -> str:
        """A code that is not an address of its own."""
        code: str = self.cleaned_data["code"]
        if code == "new":
            raise ValidationError(_("Choose another code: this one is an address already."))
        return code

    @property
    def seen_version(self) -> int:
        """The version that the form was filled from; 0 when it did not say."""
        return self.cleaned_data.get("version") or 0

    @classmethod
    def initial_from(cls, row: Any) -> dict[str, Any]:
        """The row's values by field name."""
        found = {"version": row.version, "name": row.name, "name_zh": row.name_zh}
        for name in cls.base_fields:
            if name not in found:
                found[name] = getattr(row, f"{name}_id", None) if hasattr(row, f"{name}_id") else getattr(row, name, "")
        return found

    def named(self) -> Names:
        """The names."""
        return {"name": self.cleaned_data["name"], "name_zh": self.cleaned_data["name_zh"]}

    def refuse(self, refused: RefusedError) -> None:
        """Put a refusal at its field, or over the form where it has none here."""
        field = refused.field if refused.field in self.fields else None
        self.add_error(field, refusal(refused.code, refused.params))

    def show_conflict(self, row: Any) -> None:
        """Keep what was typed, say what the row holds now, and let the next attempt count as seen."""
        now = self.initial_from(row)
        for name in self._compared():
            field = self.fields[name]
            shown = self._words(field, now.get(name))
            if shown != self._words(field, self.cleaned_data.get(name)):
                self.changed_meanwhile.append((str(field.label), shown))
        data: Any = self.data
        data = data.copy()
        data[self.add_prefix("version")] = str(row.version)
        self.data = data

    def _compared(self) -> Collection[str]:
        return [name for name, field in self.fields.items() if name != "version" and not _secret(field)]

    def _words(self, field: forms.Field, value: Any) -> str:
        if value in (None, "", []):
            return "–"
        if isinstance(field, forms.ChoiceField):
            known = {str(key): str(label) for key, label in _flat(field.choices)}
            return known.get(str(value), str(value))
        value = field.prepare_value(value)
        if isinstance(field, forms.BooleanField):
            return str(_("Yes") if value else _("No"))
        return ", ".join(value if isinstance(value, (list, tuple)) else str(value).splitlines())


def _secret(field: forms.Field) -> bool:
    return isinstance(field.widget, forms.PasswordInput)


def _flat(choices: Any) -> Iterable[tuple[Any, Any]]:
    for key, label in choices:
        if isinstance(label, (list, tuple)):
            yield from _flat(label)
        else:
            yield key, label
