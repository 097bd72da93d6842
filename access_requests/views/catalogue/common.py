"""How a form page, a list page and a button of the catalogue answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from portal.ui import versioned
from portal.ui.pagination import keyset_page
from portal.ui.templatetags.ui import crumbs

from ...actions.catalogue.base import SUBJECTS
from ...forms.catalogue import ArchiveForm, CatalogueForm, NameFilter
from ...queries import catalogue
from ...wording import refusal

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NAV_KEY: Final = "access_catalogue"
# The lists, with what decides whether the actor sees anything there.
TABS: Final = (
    ("systems", gettext_lazy("Systems"), catalogue.reads_catalogue),
    ("bundles", gettext_lazy("Bundles"), catalogue.reads_sites),
    ("sod_rules", gettext_lazy("Conflict rules"), catalogue.reads_sites),
    ("sod_exceptions", gettext_lazy("Exceptions"), catalogue.reads_sites),
    ("approval_rules", gettext_lazy("Approval rules"), catalogue.sees_cost),
    ("groups", gettext_lazy("Groups"), catalogue.reads_groups),
)


@dataclass(frozen=True, slots=True)
class FormPage:
    """What stands around a form: its title, the crumbs above it, the button, and where Cancel leads."""

    title: StrOrPromise
    crumbs: Sequence[StrOrPromise]
    button: StrOrPromise
    cancel_url: str
    note: StrOrPromise = ""
    template: str = "access_requests/config/form.html"


def data_of(request: HttpRequest) -> QueryDict | None:
    """What was posted; None fills a form from its initial values."""
    return request.POST if request.method == "POST" else None


def tabs_for(actor: Actor, current: str) -> list[dict[str, object]]:
    """The lists that the actor may open."""
    return [
        {"key": key, "label": label, "url": reverse(f"access:{key}"), "current": key == current}
        for key, label, shown in TABS
        if shown(actor)
    ]


def reader(request: HttpRequest, key: str) -> Actor:
    """The actor, if the list of this key is for them. Raises Http404."""
    actor = actor_of(request)
    if not any(tab["key"] == key for tab in tabs_for(actor, key)):
        raise Http404
    return actor


def page(request: HttpRequest, template: str, context: Mapping[str, object], status: int = 200) -> HttpResponse:
    """A page of the catalogue."""
    shared = {"nav_key": NAV_KEY, "may_configure": actor_of(request).can("configure")}
    return render(request, f"access_requests/config/{template}.html", {**shared, **context}, status=status)


def listing(
    request: HttpRequest,
    key: str,
    rows: QuerySet[Any],
    more: Callable[[list[Any]], Mapping[str, object]] = lambda _items: {},
) -> HttpResponse:
    """A page of named rows. `more` adds what the rows on it need, in a constant number of queries."""
    filters = NameFilter(request.GET)
    context: dict[str, object] = {
        "filters": filters,
        "page": None,
        "items": [],
        "tabs": tabs_for(actor_of(request), key),
    }
    if not filters.is_valid():
        return page(request, key, context, 400)
    data = filters.cleaned_data
    found = catalogue.like(rows.filter(archived_at__isnull=not data["archived"]), data["q"])
    shown = keyset_page(found, order=("name", "id"), cursor=request.GET.get("cursor"))
    items = list(shown.items)
    return page(request, key, context | {"page": shown, "items": items, **more(items)})


def edit(
    request: HttpRequest,
    form: CatalogueForm,
    save: Callable[[Any], Any],
    shown: FormPage,
    done: Callable[[Any], tuple[str, StrOrPromise]],
) -> HttpResponse:
    """Show a form; on POST save it. `done` gives the address to go to and the toast to show there.

    422 with messages at the fields when it is refused; 409 when somebody else was faster, with what was typed and what
    the row holds now.
    """

    def show(status: int, conflict: str) -> HttpResponse:
        context = {
            "form": form, "shown": shown, "crumbs": crumbs(*shown.crumbs), "conflict": conflict, "nav_key": NAV_KEY,
        }  # fmt: skip
        return render(request, shown.template, context, status=status)

    return versioned.edit(request, form, lambda: done(save(form)), form.standing, SUBJECTS, show)


def conflict_text(row: Any) -> str:
    """Who was faster with a row of the catalogue."""
    return versioned.conflict_text(SUBJECTS, row)


def archive(request: HttpRequest, act: Callable[[bool], Any], url: str) -> HttpResponse:
    """Answer the button that archives a row or brings it back."""
    form = ArchiveForm(request.POST)
    if not form.is_valid():
        raise Http404
    archived = form.cleaned_data["archived"]
    text = _("Archived") if archived else _("Brought back")
    return versioned.press(
        request, lambda: act(archived), url, text, lambda refused: refusal(refused.code, refused.params)
    )
