"""How a form page, a list page and a button answer, whatever they are about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.db.models import Model, QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse

from portal.accounts.decorators import View, require_actor, require_right
from portal.accounts.requests import actor_of
from portal.ui import versioned
from portal.ui.pagination import keyset_page
from portal.ui.templatetags.ui import crumbs

from .. import queries
from ..actions.base import SUBJECTS
from ..forms import sentence
from ..forms.base import DirectoryForm
from ..models import Partner, Site

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

reads = require_right("directory_read")


def reads_rosters[**P](view: View[P]) -> View[P]:
    """For whoever uploads or applies rosters, or reads everything; others get 404, as if there were no such page."""

    @wraps(view)
    def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not queries.reads_rosters(actor_of(request)):
            raise Http404
        return view(request, *args, **kwargs)

    return require_actor(checked)


BY_NAME = ("name", "id")


@dataclass(frozen=True, slots=True)
class FormPage:
    """What stands around a form: its title, the crumbs above it, the button, and where Cancel leads."""

    title: StrOrPromise
    crumbs: Sequence[StrOrPromise]
    button: StrOrPromise
    cancel_url: str
    note: StrOrPromise = ""


def data_of(request: HttpRequest) -> QueryDict | None:
    """What was posted; None fills a form from its initial values."""
    return request.POST if request.method == "POST" else None


def partner_url(partner: Partner) -> str:
    """The address of a partner's page."""
    return reverse("partners:partner", args=[partner.code])


def site_url(site: Site) -> str:
    """The address of a site's page."""
    return reverse("partners:site", args=[site.code])


def edit(
    request: HttpRequest,
    form: DirectoryForm,
    save: Callable[[Any], Any],
    page: FormPage,
    done: Callable[[Any], tuple[str, str]],
    template: str = "partners/form.html",
) -> HttpResponse:
    """Show a form; on POST save it. `done` gives the address to go to and the toast to show there.

    422 with messages at the fields when it is refused; 409 when somebody else was faster, with what was typed and what
    the row holds now.
    """

    def show(status: int, conflict: str) -> HttpResponse:
        context = {"form": form, "page": page, "crumbs": crumbs(*page.crumbs), "conflict": conflict}
        return render(request, template, context, status=status)

    return versioned.edit(request, form, lambda: done(save(form)), form.standing, SUBJECTS, show)


def press(
    request: HttpRequest, act: Callable[[], Any], url: str, text: str, undo_url: str | None = None
) -> HttpResponse:
    """Answer a button: do it, go to the address, and say there what happened or why not."""
    return versioned.press(request, act, url, text, sentence, undo_url)


def listing(
    request: HttpRequest,
    template: str,
    filters: Form,
    rows: Callable[[], QuerySet[Any]],
    more: Callable[[list[Any]], Mapping[str, object]] = lambda _items: {},
) -> HttpResponse:
    """A page of rows by name. `more` adds what the rows on the page need, in a constant number of queries.

    A filter that cannot be read shows its message and no rows, as 400.
    """
    if not filters.is_valid():
        return render(request, template, {"filters": filters, "page": None, "items": []}, status=400)
    page = keyset_page(rows(), order=BY_NAME, cursor=request.GET.get("cursor"))
    items: list[Model] = list(page.items)
    context = {"filters": filters, "page": page, "items": items, "searched": bool(filters.cleaned_data["q"])}
    return render(request, template, {**context, **more(items)})
