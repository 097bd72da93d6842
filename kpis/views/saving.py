"""How forms and buttons about definitions answer: what is refused, and the second of two editors told what changed."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from portal.audit.queries import audit_of
from portal.refusals import ConflictError, RefusedError
from portal.ui.htmx import flash

from ..forms.definitions import VersionedForm
from ..wording.formulas import refusal_text


def edit(
    request: HttpRequest,
    form: VersionedForm,
    page: dict[str, Any],
    save: Callable[[], tuple[str, str]],
    now: Callable[[Any], dict[str, Any]],
    subject: str,
) -> HttpResponse:
    """Show a form; on POST save it and go where `save` says. 422 when it is refused, 409 when somebody else was faster."""
    status, conflict = 200, ""
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                url, text = save()
            except RefusedError as refused:
                form.refuse(refused)
            except ConflictError as found:
                form.show_conflict(now(found.row))
                conflict, status = conflict_text(subject, found.row), 409
            else:
                flash(request, text)
                return redirect(url)
    return render(
        request, "kpis/definition_form.html", {"form": form, "page": page, "conflict": conflict}, status=status
    )


def press(request: HttpRequest, act: Callable[[], Any], url: str, text: str) -> HttpResponse:
    """Answer a button: do it, go to the address, and say there what happened or why not."""
    try:
        act()
    except RefusedError as refused:
        flash(request, refusal_text(refused.code, refused.params), tone="red")
    else:
        flash(request, text)
    return redirect(url)


def conflict_text(subject: str, row: Any) -> str:
    """Who was faster, as far as the trail knows."""
    last = audit_of(subject, row.pk, limit=1)
    name = last[0].actor.text if last and last[0].actor else ""
    if not name:
        return _("Not saved. Somebody else changed this a moment ago.")
    return _("Not saved. %(name)s changed this a moment ago.") % {"name": name}
