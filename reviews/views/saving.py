"""How forms and buttons of the wing answer: what is refused, and the second of two editors told what changed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from portal.audit.queries import audit_of
from portal.refusals import ConflictError, RefusedError
from portal.ui.htmx import flash

from ..forms.base import VersionedForm
from ..wording import refusal_text


@dataclass(frozen=True, slots=True)
class FormPage:
    """A form's page: its title, the words on its button, where "Cancel" leads, the way up as (address, label), and what it comes out of."""

    title: str
    button: str
    cancel_url: str
    parents: tuple[tuple[str, str], ...] = ()
    source: str = ""


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent; None fills a form from its initial values."""
    return request.POST if request.method == "POST" else None


def edit(
    request: HttpRequest, form: VersionedForm, page: FormPage, save: Callable[[], tuple[str, str]],
    now: Callable[[Any], dict[str, Any]], subject: str, template: str = "reviews/form.html",
) -> HttpResponse:  # fmt: skip
    """Show a form; on POST save it and go where `save` says. 422 when it is refused, 409 when somebody else was faster.

    `now`: what a row holds, by field. `subject`: how the trail calls such rows.
    """
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
    return render(request, template, {"form": form, "page": page, "conflict": conflict}, status=status)


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
