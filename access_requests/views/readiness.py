"""The readiness board: who begins, who is ready, what is missing and with whom it is."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from partners import queries as directory
from portal.accounts.decorators import require_role
from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from portal.refusals import RefusedError
from portal.ui.htmx import flash
from portal.ui.marks import icon

from .. import queries, rules, wording
from ..actions.nudging import nudge
from ..addresses import address
from ..forms.readiness import AFTER, BEFORE, GROUPINGS, BoardFilter
from ..queries import readiness as boards
from ..queries.figures import Figures, figures_of
from ..queries.readiness import Agent
from ..queries.scope import SEE_ALL, SITE_READERS
from ..rules.readiness import Course
from ..wording.readiness import BLOCKERS, ICONS, MARKS
from .readiness_rows import groups_of, hours_text, lines_of, systems_of

if TYPE_CHECKING:
    from partners.models import Site

reads = require_role(*SEE_ALL, *SITE_READERS)
MOST_ROWS: Final = 200


def visible_sites(actor: Actor) -> "list[Site]":
    """Sites in use whose readiness the actor sees, by name."""
    rows = directory.sites_with_people(actor).filter(archived_at__isnull=True).select_related("partner")
    if not queries.sees_all(actor):
        rows = rows.filter(pk__in=queries.site_ids(actor))
    return list(rows.order_by("name", "pk"))


@require_safe
@reads
def board(request: HttpRequest) -> HttpResponseBase:
    """The board of a site; all sites in figures where there are several and none is chosen."""
    actor, now = actor_of(request), timezone.now()
    sites = visible_sites(actor)
    form = BoardFilter(request.GET, actor=actor, today=now.date())
    valid = form.is_valid()
    site = form.cleaned_data.get("site") or (sites[0] if len(sites) == 1 else None)
    if valid and site is None:
        return summary(request, sites, form, now)
    context: dict[str, Any] = {"form": form, "site": site, "sites": sites, "now": now, "several": len(sites) > 1}
    if not valid or site is None:
        return render(request, "access_requests/readiness.html", context, status=400)
    context |= board_context(actor, site, form.cleaned_data, now)
    template = "readiness_print" if "print" in request.GET else "readiness"
    return render(request, f"access_requests/{template}.html", context)


def board_context(actor: Actor, site: "Site", asked: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """What the board shows of one site."""
    everybody = boards.agents_starting([site], asked["first"], asked["last"], now)
    agents = boards.still_of_interest(everybody, now)
    chosen = [one for one in agents if _fits(one, asked)]
    shown = chosen[:MOST_ROWS]
    systems = systems_of(shown)
    by = asked["by"] or "shift"
    lines = lines_of(actor, site, shown, systems, now)
    return {
        "asked": asked, "by": by, "groupings": GROUPINGS.items(), "systems": list(systems.values()),
        "groups": groups_of(lines, by, site, now), "total": len(chosen), "cut": len(chosen) - len(shown),
        "counts": counts_of(Counter(one.outlook.course for one in agents)), "count_all": len(agents),
        "idle": idle_text(sum(one.idle_hours or 0 for one in agents)),
        "blockers": _blockers(agents), "blocker_words": BLOCKERS,
        "teams": sorted({(a.placement.team.pk, a.placement.team.label) for a in agents if a.placement.team}, key=lambda t: t[1]),
        "legend": [(mark, icon(ICONS[mark]), MARKS[mark]) for mark in MARKS], "columns": len(systems) + 6,
        "new_url": address("request-new") if rules.requesting(actor, rules.Site(site.pk, site.partner_id)) else "",
    }  # fmt: skip


def counts_of(courses: Mapping[Course, int]) -> dict[str, int]:
    """How many are on each course, by its name in lower case."""
    return {course.name.lower(): courses.get(course, 0) for course in Course}


def idle_text(hours: float) -> str:
    """Paid hours of waiting so far; "" where nobody waits or no calendar tells them."""
    return hours_text(hours) if hours else ""


def _fits(agent: Agent, asked: Mapping[str, Any]) -> bool:
    if asked["team"] is not None and agent.placement.team_id != asked["team"]:
        return False
    if asked["course"] is not None and agent.outlook.course != asked["course"]:
        return False
    return not asked["blocker"] or any(one.code == asked["blocker"] for one in agent.outlook.missing)


def _blockers(agents: Iterable[Agent]) -> list[tuple[str, Any, int]]:
    found = Counter(one.outlook.blocker.code for one in agents if one.outlook.blocker)
    return [(code, BLOCKERS[code], number) for code, number in found.most_common()]


@dataclass(frozen=True, slots=True)
class SiteLine:
    """A site in figures."""

    site: "Site"
    total: int
    counts: Mapping[str, int]
    percent: int
    tomorrow: int
    tomorrow_at_risk: int
    idle: str


def summary(request: HttpRequest, sites: "Sequence[Site]", form: BoardFilter, now: datetime) -> HttpResponse:
    """All sites that the actor sees, in figures."""
    asked = form.cleaned_data
    figures = figures_of(sites, asked["first"], asked["last"], now)
    lines = [_site_line(one, figures[one.pk]) for one in sites]
    courses = sum((one.courses for one in figures.values()), Counter[Course]())
    context = {
        "lines": sorted(lines, key=lambda one: (-one.tomorrow_at_risk, -one.counts["miss"], one.site.label)),
        "counts": counts_of(courses), "count_all": courses.total(), "form": form, "now": now, "before": BEFORE, "after": AFTER,
        "idle": idle_text(sum(one.idle_hours for one in figures.values())),
    }  # fmt: skip
    return render(request, "access_requests/readiness_sites.html", context)


def _site_line(site: "Site", figures: Figures) -> SiteLine:
    counts = counts_of(figures.courses)
    percent = counts["ready"] * 100 // figures.total if figures.total else 100
    idle = idle_text(figures.idle_hours)
    return SiteLine(site, figures.total, counts, percent, figures.tomorrow, figures.tomorrow_at_risk, idle)


@require_POST
@reads
def nudge_item(request: HttpRequest, item_id: int) -> HttpResponse:
    """Remind whoever has the item that blocks somebody."""
    try:
        number = nudge(actor=actor_of(request), item_id=item_id)
    except RefusedError as refused:
        flash(request, wording.refusal(refused.code, refused.params), tone="red")
    else:
        flash(request, ngettext("%(n)d person reminded", "%(n)d people reminded", number) % {"n": number})
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}) and back.startswith("/access/")
    return redirect(back if safe else reverse("access:readiness"))
