"""Configuration: services, severity matrices, issue types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from escalations.choices import Impact, Severity, Urgency
from escalations.forms.base import Choice, Versioned, id_field, set_choices


class VersionForm(Versioned):
    """Nothing but the version: to archive or bring back."""


class NamedForm(Versioned):
    """A configured name in both languages."""

    name = forms.CharField(label=_("Name"), max_length=120)
    name_zh = forms.CharField(
        label=_("Name in Chinese"), max_length=120, required=False, help_text=_("Empty: the first name is shown.")
    )


class ServiceForm(NamedForm):
    """A team with a scope of its own. Its code is chosen once."""

    code = forms.SlugField(
        label=_("Code"),
        max_length=40,
        help_text=_("Letters, digits and hyphens; stands in addresses and cannot be changed."),
    )
    calendar = id_field(_("Business calendar"), required=False)
    gives_cases = forms.BooleanField(
        label=_("Unassigned cases go by themselves to whoever is free"), required=False,
        help_text=_("On duty, with the skill, the lowest load, never above their cap. Restricted cases stay."),
    )  # fmt: skip
    field_order = ("version", "name", "name_zh", "code", "calendar", "gives_cases")

    def __init__(self, *args: Any, calendars: Iterable[Choice] = (), new: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "calendar", [("", _("None")), *calendars])
        del self.fields["version" if new else "code"]
        if new:
            del self.fields["gives_cases"]

    def clean_code(self) -> str:
        """A code that is not an address of its own."""
        code: str = self.cleaned_data["code"]
        if code == "new":
            raise forms.ValidationError(_("Choose another code: this one is an address already."))
        return code


class IssueTypeForm(NamedForm):
    """A new issue type under another one, or at the top."""

    code = forms.CharField(label=_("Code"), max_length=80, help_text=_("Unique; reports keep it when names change."))
    parent = id_field(_("Belongs under"), required=False)
    field_order = ("version", "parent", "name", "name_zh", "code")

    def __init__(self, *args: Any, parents: Iterable[Choice] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "parent", [("", _("The top")), *parents])
        del self.fields["version"]


class RenameIssueTypeForm(NamedForm):
    """Another name for an issue type."""


def cell_name(impact: str, urgency: str) -> str:
    """The field of one cell."""
    return f"{impact}-{urgency}"


class MatrixForm(Versioned):
    """A service's severity matrix, one select per cell."""

    def __init__(self, *args: Any, cells: Mapping[tuple[str, str], int] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for impact, urgency in _cells():
            self.fields[cell_name(impact, urgency)] = forms.TypedChoiceField(
                label=f"{impact.label}, {urgency.label}",
                choices=Severity.choices,
                coerce=int,
                initial=(cells or {}).get((str(impact), str(urgency)), Severity.S3),
                widget=forms.Select(attrs={"class": "input", "aria-label": f"{impact.label}, {urgency.label}"}),
            )

    def matrix(self) -> dict[tuple[str, str], int]:
        """The severity of every cell."""
        return {(str(i), str(u)): int(self.cleaned_data[cell_name(i, u)]) for i, u in _cells()}

    def rows(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The grid as the page shows it: a label and its cells."""
        return [(str(impact.label), [self[cell_name(impact, urgency)] for urgency in Urgency]) for impact in Impact]

    @staticmethod
    def columns() -> list[str]:
        """The labels over the cells."""
        return [str(urgency.label) for urgency in Urgency]


def _cells() -> list[tuple[Impact, Urgency]]:
    return [(impact, urgency) for impact in Impact for urgency in Urgency]
