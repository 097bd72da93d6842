"""The form that brings a file of facts."""

from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

from ..choices import FactKind, ImportMode

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
    mode = forms.ChoiceField(
        label=_("If some rows are bad"), choices=ImportMode, initial=ImportMode.WHOLE, widget=forms.RadioSelect
    )
