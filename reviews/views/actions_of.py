"""Actions as pages of others show them: of a case, of a site, of a site's scorecard. Fetched after the page, which waits for none of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from escalations.access import get_case
from kpis.queries import kpis_in_use
from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from portal.ui.htmx import is_htmx

from ..access.sources import get_source
from ..choices import LIVE_ACTIONS
from ..models import Action
from ..queries import action_lists
from ..queries.scope import actions_of, actions_visible_to, sites_visible_to
from ..rules.actions import may_raise
from ..rules.standing import Place
from . import action_words as words
from .action_pages import reads

MOST = 8


@require_safe
@reads
def of_case(request: HttpRequest, ref: str) -> HttpResponse:
    """What came of a case, whatever its state, and the way to raise an action. Whoever does not see the case: 404."""
    actor = actor_of(request)
    case = get_case(actor, ref)
    may = _may_raise(actor, case.site) if case.site else actor.can("run_reviews")
    rows = actions_of(actor, case.pk).order_by("-pk")
    url = reverse("escalations:case", args=[case.ref])
    return _answer(request, rows, {"from": f"case:{case.ref}"} if may else {}, (url, case.ref))


@require_safe
@reads
def of_site(request: HttpRequest, code: str) -> HttpResponse:
    """What is somebody's business at a site."""
    actor, site = actor_of(request), _get_site(request, code)
    rows = actions_visible_to(actor).filter(site=site.pk, state__in=LIVE_ACTIONS).order_by("due_at", "pk")
    asked = {"place": f"site-{site.code}"} if _may_raise(actor, site) else {}
    return _answer(request, rows, asked, (reverse("partners:site", args=[site.code]), site.label), site.code)


@require_safe
@reads
def of_scorecard(request: HttpRequest, code: str) -> HttpResponse:
    """What is to move a site's figures, and the way to raise an action out of the cell that the address names; of a KPI not in use: at the site."""
    actor, site = actor_of(request), _get_site(request, code)
    rows = actions_visible_to(actor).filter(site=site.pk, kpi__isnull=False, state__in=LIVE_ACTIONS)
    asked = {"place": f"site-{site.code}"}
    kpi = request.GET.get("kpi", "")
    if any(one.code == kpi for one in kpis_in_use()):
        asked = {"from": get_source(actor, f"scorecard:{site.code}:{kpi}:{request.GET.get('period', '')}").key}
    up = (reverse("kpis:site", args=[site.code]), site.label)
    return _answer(request, rows.order_by("due_at", "pk"), asked if _may_raise(actor, site) else {}, up, site.code)


def title_of(name: str) -> str:
    """Of what they are, in words."""
    return _("Actions of %(name)s") % {"name": name}


def lines(rows: Iterable[Action]) -> list[dict[str, Any]]:
    """As short lists show them."""
    return [
        {"action": one, "place": words.place_text(one), "zone": words.zone_of(one), "url": reverse("reviews:action", args=[one.ref])}
        for one in rows
    ]  # fmt: skip


def _get_site(request: HttpRequest, code: str) -> Any:
    rows = sites_visible_to(actor_of(request)).filter(code=code) if "\0" not in code else []
    site = next(iter(rows), None)
    if site is None:
        raise Http404
    return site


def _may_raise(actor: Actor, site: Any) -> bool:
    return may_raise(actor, Place(site.pk, site.partner_id)) is not None


def _answer(
    request: HttpRequest, rows: QuerySet[Action], asked: Mapping[str, str], up: tuple[str, str], code: str = ""
) -> HttpResponse:
    """The panel for the page that waits for it, or a page of its own. `asked`: with what an action is raised here; empty where the
    reader raises none; `up`: address and name of what they are of; `code`: of the site whose list is behind it."""
    context = {
        "lines": lines(action_lists.shown(rows)[:MOST]),
        "raise_url": f"{reverse('reviews:action_new')}?{urlencode(asked)}" if asked else "",
        "all_url": f"{reverse('reviews:actions')}?{urlencode({'site': code})}" if code else "",
        "title": title_of(up[1]),
        "up": up,
        "apart": not code,
    }
    return render(request, "reviews/_actions_of.html" if is_htmx(request) else "reviews/actions_of.html", context)
