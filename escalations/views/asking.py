"""A question about a row of a case: in a dialog for htmx, on a page of its own otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from escalations.views.common import by_asker, case_url
from portal.ui.htmx import is_htmx

if TYPE_CHECKING:
    from django import forms

    from escalations.models import Case


def ask(request: HttpRequest, case: Case, operation: dict[str, Any], form: forms.Form) -> HttpResponse:
    """The form of an operation: key (of its dialog), url, title, intro, submit, danger. 422 once something was sent."""
    in_dialog = is_htmx(request)
    data = {"case": case, "case_url": case_url(case), "operation": operation, "form": form, "in_dialog": in_dialog}
    template = "escalations/_operation_form.html" if in_dialog else "escalations/operation.html"
    response = by_asker(render(request, template, data, status=422 if form.is_bound else 200))
    if in_dialog and form.is_bound:
        response["HX-Retarget"], response["HX-Reswap"] = f"#do-{operation['key']}", "innerHTML"
    return response
