"""Actions as a list and as a board; raising and changing one."""

from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kpis.queries import kpis_in_use
from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from portal.ui.pagination import keyset_page

from ..access.actions import get_action, verbs_for
from ..access.places import Spot, get_spot, spots_for
from ..access.sources import Origin, get_source
from ..actions import actions as acts
from ..choices import OPEN_ACTIONS, Source
from ..forms.actions import ActionForm, FilterForm, PlaceForm, shown_change, usual_day
from ..models import Action
from ..queries import action_lists
from ..queries import actions as queries
from ..queries.scope import actions_visible_to, sight_of
from ..rules.actions import SPEAKERS
from . import action_words as words
from .action_pages import reads
from .action_rows import cards_html, rows_html
from .saving import FormPage, edit, posted

# What is to be done does not follow from the name of a KPI.
NAMED_BY_KPI = (Source.PACK, Source.SCORECARD)
LIST, NEW = "reviews/actions.html", "reviews/action_new.html"


@require_safe
@reads
def actions(request: HttpRequest) -> HttpResponse:
    """What is to do, what is to be verified, what is over; narrowed by the address."""
    actor, tab = actor_of(request), request.GET.get("tab", "todo")
    if tab not in action_lists.TABS:
        raise Http404
    filters, rows = _narrowed(request, actor)
    number = action_lists.tab_counts(rows)
    listed, order = action_lists.listed(rows, tab)
    page = keyset_page(listed, order=order, cursor=request.GET.get("cursor"))
    labels = {"todo": _("To do"), "verify": _("To be verified"), "closed": _("Closed")}
    context = {
        **_head(request, actor, filters),
        "page": page,
        "rows": rows_html(page.items),
        "tab": tab,
        "tabs": [
            {"key": key, "label": label, "count": number[key], "current": key == tab} for key, label in labels.items()
        ],
    }  # fmt: skip
    return render(request, LIST, context)


@require_safe
@reads
def board(request: HttpRequest) -> HttpResponse:
    """The same by state, side by side."""
    actor = actor_of(request)
    filters, rows = _narrowed(request, actor)
    tabs = {state: tab for tab, states in action_lists.TABS.items() for state in states}
    columns = [
        {"label": one.state.label, "key": one.state.value, "count": one.count, "tab": tabs[one.state],
         "cards": cards_html(one.rows), "more": one.count - len(one.rows)}
        for one in action_lists.board(rows)
    ]  # fmt: skip
    return render(request, "reviews/action_board.html", {**_head(request, actor, filters), "columns": columns})


@require_http_methods(["GET", "HEAD", "POST"])
@reads
def action_new(request: HttpRequest) -> HttpResponse:
    """Raise an action: out of what the address names, or out of nothing; first where, if neither says it."""
    actor, given = actor_of(request), request.POST if request.method == "POST" else request.GET
    spots = spots_for(actor)
    if not spots:
        raise PermissionDenied
    origin = get_source(actor, (given.get("from") or request.GET.get("from") or "")[:300])
    spot = _spot(actor, spots, origin, given.get("place") or request.GET.get("place") or "")
    if spot is None:
        form = PlaceForm(places=[(one.key, one.label) for one in spots])
        return render(
            request,
            NEW,
            {"form": form, "origin": origin, "page": FormPage(_("New action"), _("Continue"), *_ways())},
            status=422 if request.method == "POST" else 200,
        )
    owners = queries.owners_at([spot.place]).get(spot.place, [])
    kpi = next((one for one in kpis_in_use() if one.pk == origin.kpi_id), None)
    initial = {
        "title": "" if origin.source in NAMED_BY_KPI else origin.title[:200], "due": usual_day(spot.zone),
        "kpi": kpi.code if kpi else "",
    }  # fmt: skip
    form_ = ActionForm(posted(request), initial=initial, owners=owners, zone=spot.zone)

    def save() -> tuple[str, str]:
        made = acts.raise_action(actor=actor, place=spot.place, wording=form_.wording, origin=origin)
        return reverse("reviews:action", args=[made.ref]), _("%(ref)s: raised") % {"ref": made.ref}

    said = _("Comes out of: %(source)s") % {"source": origin.title} if origin.title else ""
    page = FormPage(_("New action at %(place)s") % {"place": spot.label}, _("Raise the action"), *_ways(), said)
    return edit(request, form_, page, save, _now, "review_action")


@require_http_methods(["GET", "HEAD", "POST"])
@reads
def action_change(request: HttpRequest, ref: str) -> HttpResponse:
    """Change an open action."""
    actor = actor_of(request)
    found = _changeable(actor, ref)
    place = queries.place_of(found)
    owners = queries.owners_at([place]).get(place, [])
    if found.owner_id not in {one.pk for one in owners}:
        owners = [*owners, queries.Owner(found.owner_id, found.owner.name, found.side)]
    form = ActionForm(posted(request), initial=_now(found), owners=owners, zone=words.zone_of(found))
    url = reverse("reviews:action", args=[found.ref])

    def save() -> tuple[str, str]:
        acts.change(actor=actor, ref=found.pk, seen=form.seen_version, wording=form.wording)
        return url, _("Saved")

    parents = ((reverse("reviews:actions"), _("Actions")), (url, found.ref))
    page = FormPage(_("Change %(ref)s") % {"ref": found.ref}, _("Save"), url, parents)
    return edit(request, form, page, save, _now, "review_action")


def _changeable(actor: Actor, ref: str) -> Action:
    found = get_action(actor, ref)
    if "change" not in verbs_for(actor, found) or found.state not in OPEN_ACTIONS:
        raise PermissionDenied
    return found


def _narrowed(request: HttpRequest, actor: Actor) -> tuple[FilterForm, QuerySet[Action]]:
    sight = sight_of(actor)
    rows = actions_visible_to(actor, sight)
    sites = [site for site in sight.sites if site.archived_at is None]
    filters = FilterForm(request.GET, sites=sites, owners=action_lists.owners_of(rows))
    return filters, action_lists.narrowed(rows, actor, filters.narrowed, timezone.now())


def _head(request: HttpRequest, actor: Actor, filters: FilterForm) -> dict[str, Any]:
    asked = {name for name in filters.fields if request.GET.get(name)}
    return {
        "filters": filters, "filtered": bool(asked - {"whose"}), "mine": filters.narrowed.mine,
        "may_raise": actor.can("run_reviews") or actor.has(*SPEAKERS), "nav_key": "actions",
    }  # fmt: skip


def _spot(actor: Actor, spots: list[Spot], origin: Origin, key: str) -> Spot | None:
    """Where it belongs: what the source says, else what was chosen, else the only choice there is."""
    if origin.place is not None:
        return get_spot(spots, origin.place)
    chosen = next((one for one in spots if one.key == key), None)
    if key and chosen is None:
        raise Http404
    return chosen or (spots[0] if len(spots) == 1 else None)


def _now(action: Action) -> dict[str, Any]:
    kpi = action.kpi
    return {
        "version": action.version, "title": action.title, "owner": action.owner_id, "text": action.text,
        "due": action.due_at.astimezone(ZoneInfo(words.zone_of(action))).date(), "kpi": kpi.code if kpi else "",
        "expected": shown_change(action.expected_change, kpi.unit) if kpi else None,
    }  # fmt: skip


def _ways() -> tuple[str, tuple[tuple[str, str], ...]]:
    url = reverse("reviews:actions")
    return url, ((url, _("Actions")),)
