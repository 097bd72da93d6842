"""What the forms of this wing have in common: limits, the version that a change was based on, choices by id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Choice = tuple[Any, "StrOrPromise | Sequence[tuple[Any, StrOrPromise]]"]

MAX_TEXT: Final = 20_000
MAX_REASON: Final = 1_000
MAX_VERSION: Final = 2**31 - 1


def text_field(label: StrOrPromise, *, limit: int = MAX_TEXT, rows: int = 4, **options: Any) -> forms.CharField:
    """Several lines of text."""
    return forms.CharField(label=label, max_length=limit, widget=forms.Textarea(attrs={"rows": rows}), **options)


def reason_field(label: StrOrPromise = "", **options: Any) -> forms.CharField:
    """Why somebody does this, in a few words."""
    return text_field(label or _("Reason"), limit=MAX_REASON, rows=3, **options)


def id_field(label: StrOrPromise, choices: Iterable[Choice] = (), **options: Any) -> forms.TypedChoiceField:
    """One of some rows by its id; empty is None."""
    return forms.TypedChoiceField(label=label, choices=choices, coerce=int, empty_value=None, **options)


def version_field() -> forms.IntegerField:
    """The version of the row that the reader saw when they began."""
    return forms.IntegerField(min_value=1, max_value=MAX_VERSION, widget=forms.HiddenInput)


def set_choices(form: forms.Form, name: str, choices: Iterable[Choice]) -> None:
    """Give a choice field its options."""
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(f"{name} is not a choice")
    field.choices = list(choices)


def focus(form: forms.Form, name: str) -> None:
    """The control that has the focus when the form's dialog opens."""
    form.fields[name].widget.attrs["autofocus"] = True


class Versioned(forms.Form):
    """A change of a row that somebody else may change at the same time."""

    version = version_field()

    @property
    def expected_version(self) -> int | None:
        """The version that the change was based on."""
        value: int | None = self.cleaned_data["version"]
        return value
