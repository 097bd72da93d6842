"""What KPIs are as CSV or XLSX: every formula that there is, with the days on which it was in force."""

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of

from ..access import definitions as access
from ..models import Kpi
from ..queries import definitions as queries
from ..wording.formulas import formula_text
from .exporting import Line, about, table_file


@require_POST
@require_actor
def definitions(request: HttpRequest) -> HttpResponseBase:
    """A line per KPI and version, archived KPIs too. A few queries, however many there are."""
    actor = actor_of(request)
    access.permit_reading(actor)
    kpis = list(Kpi.objects.all())
    versions, labels = queries.versions_of([kpi.pk for kpi in kpis]), queries.component_labels()
    head = [
        _("Code"), _("KPI"), _("Unit"), _("Better"), _("Formula version"), _("From"), _("To"), _("Formula"),
        _("Smallest sample"),
    ]  # fmt: skip
    lines: list[Line] = [
        [
            kpi.code, kpi.label, kpi.get_unit_display(), kpi.get_direction_display(), one.number, one.period.lower,
            one.period.upper or "", formula_text(one, labels), one.minimum_n,
        ]
        for kpi in kpis
        for one in versions[kpi.pk]
    ]  # fmt: skip
    told = about(request, _("KPI definitions"))
    return table_file(
        request, actor, head, lines, file="kpi-definitions", told=told, changes={"subject": "definitions"}
    )
