"""Forms for rosters: the file, its columns, and decisions about namesakes."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.accounts.rules import Actor

from .. import queries
from ..importing.schema import HEADINGS, KEY
from ..wording import FIELDS
from .base import Choice, DirectoryForm, day

MAX_FILE_BYTES: Final = 20 * 1024 * 1024
MAX_PASTED: Final = 500_000


class RosterForm(DirectoryForm):
    """Which site, of which day, and the table: a file, or rows pasted from a spreadsheet."""

    site = Choice(queryset=None, label=_("Site"), to_field_name="code", empty_label=_("Choose a site"))
    as_of = day(_("As of"), hint=_("The day the roster speaks of. Whoever is not on it left before that day."))
    file = forms.FileField(
        label=_("File"),
        required=False,
        max_length=200,
        help_text=_("CSV or XLSX, with a heading."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.gz,.xlsx", "class": "input"}),
    )
    pasted = forms.CharField(
        label=_("Or paste the rows"),
        required=False,
        max_length=MAX_PASTED,
        strip=False,
        help_text=_("Copy them from your spreadsheet, heading included."),
        widget=forms.Textarea(attrs={"rows": 5, "class": "input mono", "spellcheck": "false"}),
    )
    create = forms.BooleanField(
        label=_("Make programmes and teams that are new"),
        required=False,
        help_text=_("Without it a name that is not known here is a row to fix."),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["site"].queryset = queries.sites_to_roster(actor)

    def clean_file(self) -> Any:
        """At most 20 MB."""
        file = self.cleaned_data["file"]
        if file and file.size > MAX_FILE_BYTES:
            raise forms.ValidationError(_("Choose a file of at most 20 MB."))
        return file

    def clean(self) -> dict[str, Any]:
        """One of the two, not both."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        file, pasted = data.get("file"), (data.get("pasted") or "").strip()
        if not self.errors and bool(file) == bool(pasted):
            self.add_error("file", _("Choose a file, or paste the rows."))
        return data


class ColumnsForm(DirectoryForm):
    """Which column of the file holds which field."""

    create = forms.BooleanField(label=_("Make programmes and teams that are new"), required=False)
    field_order = (*HEADINGS, "create")

    def __init__(self, *args: Any, heading: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        columns = [("", "–"), *((name, name) for name in heading if name)]
        for name in HEADINGS:
            label = FIELDS[name]
            self.fields[name] = forms.ChoiceField(label=label, choices=columns, required=name == "name")
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        """Each column once; people are known by number or by address."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        chosen = [data[name] for name in HEADINGS if data.get(name)]
        for name in HEADINGS:
            if data.get(name) and chosen.count(data[name]) > 1:
                self.add_error(name, _("This column is chosen twice."))
        if not data.get(KEY) and not data.get("email"):
            self.add_error(KEY, _("Choose the employee number or the email address."))
        return data

    def columns(self) -> dict[str, str]:
        """The choice by field."""
        return {name: self.cleaned_data[name] for name in HEADINGS if self.cleaned_data.get(name)}

    @staticmethod
    def initial_of(mapping: dict[str, Any]) -> dict[str, Any]:
        """What a mapping says already."""
        known = {name: field["column"] for name, field in mapping["fields"].items() if "column" in field}
        create = any(field.get("create") for field in mapping["fields"].values())
        return {**known, KEY: mapping["key"], "create": create}
