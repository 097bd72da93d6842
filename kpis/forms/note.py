"""The form of a remark on a chart."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from partners import queries as directory
from portal.accounts.rules import Actor

from ..access.notes import sites_to_annotate
from ..choices import NoteKind
from ..models import Kpi
from .places import ByLabel, QueueOfSite, offer

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from partners.models import Queue

EARLIEST, LATEST = "2000-01-01", "2099-12-31"


class NoteForm(forms.Form):
    """`initial` may name site and KPI by code."""

    site = ByLabel(None, to_field_name="code", label=_("Site"))
    queue = QueueOfSite(None, label=_("Queue"), required=False, empty_label=_("The whole site"))
    kpi = ByLabel(None, to_field_name="code", label=_("KPI"), required=False, empty_label=_("All KPIs"))
    kind = forms.ChoiceField(label=_("Kind"), choices=NoteKind.choices)
    first_day = forms.DateField(label=_("From"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    last_day = forms.DateField(
        label=_("To"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("Empty: one day."),
    )
    text = forms.CharField(label=_("Text"), max_length=120, help_text=_("A few words; they stand on the chart."))
    text_zh = forms.CharField(label=_("Text in Chinese"), max_length=120, required=False)
    rebases = forms.BooleanField(label=_("The process changed: count control limits anew from here"), required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "site", sites_to_annotate(actor))
        offer(self, "queue", _queues(actor))
        offer(self, "kpi", Kpi.objects.filter(archived_at=None))

    def clean(self) -> dict[str, Any]:
        """The last day is the first unless it is given, and not before it; both in the years that figures may have."""
        data = super().clean() or {}
        first, last = data.get("first_day"), data.get("last_day")
        for name, day in (("first_day", first), ("last_day", last)):
            if day and not EARLIEST <= day.isoformat() <= LATEST:
                self.add_error(name, _("Choose a day from 2000 to 2099."))
        if first and last and last < first:
            self.add_error("last_day", _("Choose the first day or later."))
        site, queue = data.get("site"), data.get("queue")
        if site and queue and queue.programme.site_id != site.pk:
            self.add_error("queue", _("Choose a queue of that site."))
        data["last_day"] = last or first
        return data


def _queues(actor: Actor) -> "QuerySet[Queue]":
    """The queues of the sites beside whose figures the actor may write."""
    queues = directory.queues_visible_to(actor).filter(programme__site__in=sites_to_annotate(actor).values("pk"))
    return queues.select_related("programme__site").order_by("programme__site__name", "name", "pk")
