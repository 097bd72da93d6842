"""The form that brings a file of facts."""

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from portal.imports.errors import ImportRefused
from portal.imports.mapping import MAX_MAPPING_BYTES, parse_mapping

from ..choices import FactKind, ImportMode
from ..importing.schema import facts_mapping
from ..wording.imports import HANDED_IN

MAX_NAME: Final = 200


class ImportForm(forms.Form):
    """What the file holds, the file, and what to do with bad rows."""

    kind = forms.ChoiceField(label=_("What it holds"), choices=FactKind)
    file = forms.FileField(
        label=_("File"),
        max_length=MAX_NAME,
        allow_empty_file=True,
        help_text=_("CSV, XLSX or JSON lines with the columns of the template, at most 100 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.gz,.xlsx,.json,.jsonl,.ndjson", "class": "input"}),
    )  # fmt: skip
    mapping = forms.FileField(
        label=_("Mapping, if the columns have other names"),
        required=False,
        allow_empty_file=True,
        max_length=MAX_NAME,
        help_text=_("A YAML file that says which column is which. Without one the columns are those of the template."),
        widget=forms.ClearableFileInput(attrs={"accept": ".yml,.yaml", "class": "input"}),
    )  # fmt: skip
    mode = forms.ChoiceField(
        label=_("If some rows are bad"), choices=ImportMode, initial=ImportMode.WHOLE, widget=forms.RadioSelect
    )

    def clean_mapping(self) -> dict[str, Any] | None:
        """What the mapping says; None without one."""
        upload = self.cleaned_data["mapping"]
        if upload is None:
            return None
        try:
            raw = parse_mapping(upload.read(MAX_MAPPING_BYTES + 1))
            mapping = facts_mapping(raw)
        except ImportRefused as refused:
            raise ValidationError(str(refused)) from refused
        said = mapping.shape.kind
        if said != self.cleaned_data.get("kind", said):
            raise ValidationError(_("The mapping is one of %(kind)s."), params={"kind": FactKind(said).label})
        if mapping.source == HANDED_IN:
            raise ValidationError(_("Choose another name for the source: that one is the portal's own."))
        return raw
