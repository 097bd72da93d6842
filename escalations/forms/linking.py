"""Linking a case to another one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from escalations.choices.links import Said
from escalations.forms.base import focus

if TYPE_CHECKING:
    from escalations.models import Case

Find = Callable[[str], "Case"]


class LinkForm(forms.Form):
    """Which case, and what this one is to it. `find` gives that case, or raises ValidationError."""

    other = forms.CharField(label=_("Other case"), max_length=24, help_text=_("A reference like EC-20418."))
    said = forms.ChoiceField(label=_("What this case is to it"), choices=Said.choices, initial=Said.RELATED)

    def __init__(self, data: QueryDict | None = None, *, find: Find, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self._find = find
        focus(self, "other")

    def clean_other(self) -> str:
        """The reference of a case that this one can be linked to."""
        return self._find(self.cleaned_data["other"]).ref
