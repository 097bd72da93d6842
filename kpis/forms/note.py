"""The form of a remark on a chart."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.accounts.rules import Actor

from ..access.notes import sites_to_annotate
from ..choices import NoteKind
from ..models import Kpi

EARLIEST, LATEST = "2000-01-01", "2099-12-31"


class NoteForm(forms.Form):
    """`initial` may name site and KPI by code."""

    site: "forms.ModelChoiceField[Any]" = forms.ModelChoiceField(queryset=None, to_field_name="code", label=_("Site"))
    kpi: "forms.ModelChoiceField[Any]" = forms.ModelChoiceField(
        queryset=None, to_field_name="code", label=_("KPI"), required=False, empty_label=_("All KPIs")
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=NoteKind.choices)
    first_day = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    last_day = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}), help_text=_("Empty: one day.")
    )
    text = forms.CharField(label=_("Text"), max_length=120, help_text=_("A few words; they stand on the chart."))
    text_zh = forms.CharField(label=_("Text in Chinese"), max_length=120, required=False)
    rebases = forms.BooleanField(label=_("The process changed: count control limits anew from here"), required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = sites_to_annotate(actor)  # type: ignore[attr-defined]
        self.fields["kpi"].queryset = Kpi.objects.filter(archived_at=None)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The last day is the first unless it is given, and not before it; both in the years that figures may have."""
        data = super().clean() or {}
        first, last = data.get("first_day"), data.get("last_day")
        for name, day in (("first_day", first), ("last_day", last)):
            if day and not EARLIEST <= day.isoformat() <= LATEST:
                self.add_error(name, _("Choose a day from 2000 to 2099."))
        if first and last and last < first:
            self.add_error("last_day", _("Choose the first day or later."))
        data["last_day"] = last or first
        return data
