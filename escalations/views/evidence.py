"""Evidence packs of a case: asking for one, their states, and having one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from escalations import access, actions, queries, rules
from escalations.choices.evidence import LARGEST_PACK, PackState
from escalations.forms.base import focus, reason_field
from escalations.queries import evidence as packing
from escalations.views.common import case_reader, case_url
from escalations.views.operation import Context, Done
from portal.accounts.requests import actor_of
from portal.files.views import handed_out
from portal.ui.glance import glance
from portal.ui.htmx import not_modified, version_of

if TYPE_CHECKING:
    from escalations.models import Case


class PackForm(forms.Form):
    """Why somebody needs everything of a case."""

    reason = reason_field(gettext_lazy("Why you need it"))

    def __init__(self, data: QueryDict | None, *, extent: packing.Extent) -> None:
        super().__init__(data)
        entries = ngettext("%(n)d entry", "%(n)d entries", extent.entries) % {"n": extent.entries}
        files = ngettext("%(n)d file", "%(n)d files", extent.files) % {"n": extent.files}
        words = {
            "entries": entries,
            "files": files,
            "size": filesizeformat(extent.size),
            "limit": filesizeformat(LARGEST_PACK),
        }
        text = _("It would hold %(entries)s and %(files)s of %(size)s; %(limit)s is the most. Your reason is logged.")
        self.fields["reason"].help_text = text % words
        focus(self, "reason")


def pack_form(context: Context, data: QueryDict | None) -> forms.Form:
    """Why, and how large it becomes."""
    return PackForm(data, extent=packing.extent_of(context.actor, context.case, timezone.now()))


def run_pack(context: Context, form: forms.Form) -> Done:
    """Ask for it."""
    actions.ask_pack(actor=context.actor, ref=context.case.pk, reason=form.cleaned_data["reason"])
    url = reverse("escalations:case-evidence", args=[context.case.ref])
    return Done(_("The evidence pack is being made"), go_to=url)


def _case(request: HttpRequest, ref: str) -> Case:
    """The case, for those who could ask for a pack. Raises Http404 for who sees nothing internal, PermissionDenied."""
    actor = actor_of(request)
    case = access.get_case_inside(actor, ref)
    verdict = rules.can_pack(actor, queries.facts_of(actor, case))
    if isinstance(verdict, rules.Denied) and verdict.code != "merged":
        raise PermissionDenied
    return case


@require_safe
@case_reader
def case_evidence(request: HttpRequest, ref: str) -> HttpResponseBase:
    """What was asked for, and how far it is."""
    return render(request, "escalations/case_evidence.html", _packs(request, _case(request, ref)))


@require_safe
@case_reader
def case_evidence_news(request: HttpRequest, ref: str) -> HttpResponseBase:
    """Asked while one is being made: nothing new, or the list as it is now, which asks no more once all are done."""
    context = _packs(request, _case(request, ref))
    if context["version"] == request.GET.get("v", ""):
        return not_modified()
    return render(request, "escalations/_evidence_packs.html", {**context, "swapped": True})


def _packs(request: HttpRequest, case: Case) -> dict[str, Any]:
    actor = actor_of(request)
    with glance():
        packs = [(one, packing.may_have(actor, one)) for one in packing.packs_of(case)[:50]]
    return {
        "case": case,
        "case_url": case_url(case),
        "lines": [{"pack": one, "may": may} for one, may in packs],
        "waiting": any(one.state == PackState.WAITING for one, _may in packs),
        "version": version_of(*((one.pk, one.state, may) for one, may in packs)),
    }


@require_safe
@case_reader
def case_evidence_file(request: HttpRequest, ref: str, pk: int) -> HttpResponseBase:
    """The archive, as a download that no browser opens by itself; that it was had is written down."""
    case = _case(request, ref)
    row, stream = actions.open_pack(actor=actor_of(request), case=case, pack_id=pk)
    return handed_out(row, stream, inline=False)
