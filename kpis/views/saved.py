"""Saved views: addresses of this wing under a name, opened and mailed for whoever saved them."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.decorators import require_role
from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from portal.ui.htmx import flash, form_response

from ..access.follow import get_view
from ..actions import saved_views as acts
from ..forms.follow import MailingForm, NameForm, SavedViewForm
from ..models import SavedView
from ..queries.scope import READERS, reads_figures

reads = require_role(*READERS)
PAGE, ONE = "kpis/views.html", "kpis/view.html"
# Addresses of this wing that are no reading pages.
_NOT_READ = ("views", "alerts_")


@require_safe
@reads
def views(request: HttpRequest) -> HttpResponse:
    """The reader's saved views."""
    return render(request, PAGE, {"views": _of(actor_of(request))})


@require_POST
@reads
def save(request: HttpRequest) -> HttpResponse:
    """Keep the address that the form names."""
    form = SavedViewForm(request.POST)
    if not is_reading_page(request.POST.get("path", "")):
        raise BadRequest("no page of figures")
    if form.is_valid():
        try:
            view = acts.save_view(actor=actor_of(request), **form.cleaned_data)
        except acts.RefusedError as refused:
            form.add_error("name", _refusal(refused.code))
        else:
            flash(request, _("Saved as %(name)s") % {"name": view.name})
            return redirect("kpis:views")
    return form_response(request, PAGE, {"views": _of(actor_of(request)), "form": form})


@require_safe
@reads
def open_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Go to the address that was saved."""
    return redirect(address_of(get_view(actor_of(request), pk)))


@require_safe
@reads
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """A view's name and when it is mailed."""
    return render(request, ONE, _one(request, get_view(actor_of(request), pk)))


@require_POST
@reads
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it another name."""
    view, form = get_view(actor_of(request), pk), NameForm(request.POST)
    if form.is_valid():
        try:
            acts.rename_view(actor=actor_of(request), view_id=pk, name=form.cleaned_data["name"])
        except acts.RefusedError as refused:
            form.add_error("name", _refusal(refused.code))
        else:
            flash(request, _("Renamed"))
            return redirect("kpis:views_edit", pk)
    return form_response(request, ONE, _one(request, view) | {"name_form": form})


@require_POST
@reads
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget it."""
    acts.delete_view(actor=actor_of(request), view_id=pk)
    flash(request, _("Deleted"))
    return redirect("kpis:views")


@require_POST
@reads
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    """Have it mailed at these times."""
    view, form = get_view(actor_of(request), pk), MailingForm(request.POST)
    if not form.is_valid():
        return form_response(request, ONE, _one(request, view) | {"mailing_form": form})
    acts.mail_view(
        actor=actor_of(request), view_id=pk, time_zone=timezone.get_current_timezone_name(), **form.cleaned_data
    )
    flash(request, _("It will be mailed to you"))
    return redirect("kpis:views_edit", pk)


@require_POST
@reads
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Have it mailed no longer."""
    acts.stop_mailing(actor=actor_of(request), view_id=pk)
    flash(request, _("It is mailed no longer"))
    return redirect("kpis:views_edit", pk)


def menu(actor: Actor, asked: object) -> Mapping[str, Any] | None:
    """What the menu of views on a page of figures shows; `asked` is the page's address with its query."""
    if not reads_figures(actor) or actor.user_id is None:
        return None
    path, _mark, query = str(asked).partition("?")
    return {"views": _of(actor), "path": path, "query": query, "may_save": is_reading_page(path)}


def is_reading_page(path: str) -> bool:
    """Whether a path leads to a page of this wing that may be saved."""
    try:
        match = resolve(path)
    except Resolver404:
        return False
    return match.namespace == "kpis" and not str(match.url_name).startswith(_NOT_READ)


def address_of(view: SavedView) -> str:
    """The address with its query."""
    return f"{view.path}?{view.query}" if view.query else view.path


def _of(actor: Actor) -> list[SavedView]:
    return list(SavedView.objects.filter(user_id=actor.user_id or 0).select_related("mailing"))


def _one(request: HttpRequest, view: SavedView) -> dict[str, Any]:
    mailing = getattr(view, "mailing", None)
    fields = ("every", "weekday", "monthday", "at")
    known = {name: getattr(mailing, name) for name in fields} if mailing else {"at": "08:00"}
    return {
        "view": view, "mailing": mailing, "name_form": NameForm({"name": view.name}), "mailing_form": MailingForm(initial=known),
    }  # fmt: skip


def _refusal(code: str) -> str:
    if code == "full":
        return _("There is room for 100 views. Delete one first.")
    return _("You have a view of this name already.")
