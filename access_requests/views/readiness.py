"""The readiness board: who begins, who is ready, what is missing and with whom it is."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from partners import queries as directory
from portal.accounts.decorators import require_role
from portal.accounts.rules import Actor
from portal.ui.htmx import flash
from portal.ui.marks import icon
from portal.ui.times import date_text, in_zone, time_text

from .. import queries, rules, wording
from ..actions.nudging import nudge
from ..addresses import address, request_url
from ..forms.readiness import AFTER, BEFORE, GROUPINGS, BoardFilter
from ..models import System
from ..queries import readiness as boards
from ..queries.owning import owner_labels
from ..queries.readiness import Agent
from ..queries.scope import SEE_ALL, SITE_READERS
from ..rules.readiness import Course, Missing
from ..wording.readiness import BLOCKERS, COURSES, ICONS, MARKS, MISSING

if TYPE_CHECKING:
    from partners.models import Site

reads = require_role(*SEE_ALL, *SITE_READERS)
MOST_ROWS: Final = 200
_TONES: Final = {Course.READY: "g", Course.ON_COURSE: "", Course.AT_RISK: "a", Course.MISS: "r"}
# A reminder moves these; the others move by themselves, or have nobody yet.
_MOVABLE: Final = frozenset({"approval", "with_it", "failed", "to_confirm", "conflict"})


@dataclass(frozen=True, slots=True)
class Line:
    """One agent's row."""

    agent: Agent
    cells: SafeString
    tone: str
    text: str
    more: str
    request_url: str
    nudge_id: int | None
    nudged: bool
    may_ask: bool
    idle: str


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading."""

    heading: str
    detail: str
    lines: Sequence[Line]


def actor_of(request: HttpRequest) -> Actor:
    """Who makes this request."""
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


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
    systems = _systems(shown)
    by = asked["by"] or "shift"
    lines = _lines(actor, site, shown, systems, now)
    return {
        "asked": asked, "by": by, "groupings": GROUPINGS.items(), "systems": list(systems.values()),
        "groups": _groups(lines, by, site, now), "total": len(chosen), "cut": len(chosen) - len(shown),
        "counts": counts_of(agents), "count_all": len(agents), "idle": idle_text(agents),
        "blockers": _blockers(agents), "blocker_words": BLOCKERS,
        "teams": sorted({(a.placement.team.pk, a.placement.team.label) for a in agents if a.placement.team}, key=lambda t: t[1]),
        "legend": [(mark, icon(ICONS[mark]), MARKS[mark]) for mark in MARKS], "columns": len(systems) + 6,
        "new_url": address("request-new") if rules.requesting(actor, rules.Site(site.pk, site.partner_id)) else "",
    }  # fmt: skip


def counts_of(agents: Iterable[Agent]) -> dict[str, int]:
    """How many are on each course, by its name in lower case; and of those too late, how many have begun."""
    found = Counter(one.outlook.course for one in agents)
    return {course.name.lower(): found[course] for course in Course}


def idle_text(agents: Iterable[Agent]) -> str:
    """Paid hours of waiting so far; "" where nobody waits or no calendar tells them."""
    hours = sum(one.idle_hours for one in agents if one.idle_hours)
    return _hours(hours) if hours else ""


def _hours(hours: float) -> str:
    return _("%(hours)s h") % {"hours": f"{hours:,.0f}" if hours >= 10 else f"{hours:.1f}"}


def _fits(agent: Agent, asked: Mapping[str, Any]) -> bool:
    if asked["team"] is not None and agent.placement.team_id != asked["team"]:
        return False
    if asked["course"] is not None and agent.outlook.course != asked["course"]:
        return False
    return not asked["blocker"] or any(one.code == asked["blocker"] for one in agent.outlook.missing)


def _systems(agents: Iterable[Agent]) -> dict[int, System]:
    """The columns: systems that somebody on the board needs."""
    wanted = {pk for one in agents for pk in one.outlook.marks}
    rows = System.objects.filter(pk__in=wanted).select_related("owner", "group").order_by("name", "pk")
    return {one.pk: one for one in rows}


def _blockers(agents: Iterable[Agent]) -> list[tuple[str, Any, int]]:
    found = Counter(one.outlook.blocker.code for one in agents if one.outlook.blocker)
    return [(code, BLOCKERS[code], number) for code, number in found.most_common()]


def _lines(
    actor: Actor, site: "Site", agents: Sequence[Agent], systems: Mapping[int, System], now: datetime
) -> list[Line]:
    cells = {mark: format_html('<td data-r="{}">{}<span class="sr">{}</span></td>', mark, icon(ICONS[mark]), MARKS[mark])
             for mark in MARKS}  # fmt: skip
    none = format_html('<td><span class="sr">{}</span></td>', _("Not needed"))
    pairs = [(one, one.outlook.blocker) for one in agents if one.outlook.blocker is not None]
    owners = owner_labels(pairs, systems, now)
    here = {m.entry.item_id for a, m in pairs if m.entry.item_id and _item_site(a, m) == site.pk}
    nudged = boards.nudged_today(here, site.time_zone, now)
    may = rules.requesting(actor, rules.Site(site.pk, site.partner_id)) is not None
    found = []
    for one in agents:
        blocker = one.outlook.blocker
        item = blocker.entry.item_id if blocker and blocker.entry.item_id in here else None
        text = (
            _missing_text(blocker, owners[one.placement.pk, blocker.entry.entitlement_id], systems, site)
            if blocker
            else ""
        )
        movable = item if may and blocker and blocker.code in _MOVABLE else None
        found.append(
            Line(
                one,
                SafeString("".join(cells.get(one.outlook.marks.get(pk, ""), none) for pk in systems)),
                _TONES[one.outlook.course],
                text,
                _more(len(one.outlook.missing) - 1),
                request_url(one.items[blocker.entry.entitlement_id].request_id) if item and blocker else "",
                movable,
                movable in nudged,
                may and blocker is not None and blocker.code == "not_requested",
                _hours(one.idle_hours) if one.idle_hours is not None else "",
            )
        )
    return found


def _item_site(agent: Agent, missing: Missing) -> int | None:
    item = agent.items.get(missing.entry.entitlement_id)
    return item.site_id if item else None


def _missing_text(missing: Missing, owner: str, systems: Mapping[int, System], site: "Site") -> str:
    since = time_text(missing.entry.since, "auto", site.time_zone) if missing.entry.since else ""
    return str(MISSING[missing.code]) % {"what": systems[missing.entry.system_id].label, "owner": owner, "since": since}


def _more(number: int) -> str:
    return ngettext("and %(n)d more", "and %(n)d more", number) % {"n": number} if number > 0 else ""


def _groups(lines: Sequence[Line], by: str, site: "Site", now: datetime) -> list[Group]:
    """The rows under their headings, in the order in which each comes first."""
    sets: dict[Any, list[Line]] = {}
    for line in lines:
        sets.setdefault(_key(line.agent, by, site), []).append(line)
    keys = sorted(sets) if by == "shift" else sorted(sets, key=str)
    return [_group(key, sets[key], by, site, now) for key in keys]


def _key(agent: Agent, by: str, site: "Site") -> Any:
    if by == "team":
        return agent.placement.team.label if agent.placement.team else ""
    if by == "blocker":
        return agent.outlook.blocker.code if agent.outlook.blocker else ""
    return in_zone(agent.first_shift_at, site.time_zone).date()


def _group(key: Any, lines: Sequence[Line], by: str, site: "Site", now: datetime) -> Group:
    ready = sum(1 for line in lines if line.agent.outlook.course is Course.READY)
    detail = _("%(ready)d of %(all)d ready") % {"ready": ready, "all": len(lines)}
    if by == "team":
        return Group(key or _("No team"), detail, lines)
    if by == "blocker":
        return Group(str(BLOCKERS[key]) if key else str(COURSES[0]), detail, lines)
    first = min(line.agent.first_shift_at for line in lines)
    shift = _("first shift %(time)s") % {"time": time_text(first, "time", site.time_zone)}
    return Group(day_heading(key, in_zone(now, site.time_zone)), f"{shift} · {detail}", lines)


def day_heading(day: date, local: datetime) -> str:
    """`Tomorrow, Fri 20 Nov`; the day alone where it is neither yesterday, today nor tomorrow."""
    text = date_text(local.replace(year=day.year, month=day.month, day=day.day), local)
    near = {0: _("Today, %(day)s"), 1: _("Tomorrow, %(day)s"), -1: _("Yesterday, %(day)s")}
    pattern = near.get((day - local.date()).days)
    return pattern % {"day": text} if pattern else text


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
    agents = boards.still_of_interest(boards.agents_starting(sites, asked["first"], asked["last"], now), now)
    by_site: dict[int, list[Agent]] = {one.pk: [] for one in sites}
    for one in agents:
        by_site[one.site.pk].append(one)
    lines = [_site_line(one, by_site[one.pk], now) for one in sites]
    context = {
        "lines": sorted(lines, key=lambda one: (-one.tomorrow_at_risk, -one.counts["miss"], one.site.label)),
        "counts": counts_of(agents), "count_all": len(agents), "form": form, "now": now, "idle": idle_text(agents),
        "before": BEFORE, "after": AFTER,
    }  # fmt: skip
    return render(request, "access_requests/readiness_sites.html", context)


def _site_line(site: "Site", agents: Sequence[Agent], now: datetime) -> SiteLine:
    counts = counts_of(agents)
    next_day = in_zone(now, site.time_zone).date() + timedelta(days=1)
    soon = [one for one in agents if in_zone(one.first_shift_at, site.time_zone).date() == next_day]
    risky = sum(1 for one in soon if one.outlook.course >= Course.AT_RISK)
    percent = counts["ready"] * 100 // len(agents) if agents else 100
    return SiteLine(site, len(agents), counts, percent, len(soon), risky, idle_text(agents))


@require_POST
@reads
def nudge_item(request: HttpRequest, item_id: int) -> HttpResponse:
    """Remind whoever has the item that blocks somebody."""
    try:
        number = nudge(actor=actor_of(request), item_id=item_id)
    except rules.RefusedError as refused:
        flash(request, wording.refusal(refused.code, refused.params), tone="red")
    else:
        flash(request, ngettext("%(n)d person reminded", "%(n)d people reminded", number) % {"n": number})
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}) and back.startswith("/access/")
    return redirect(back if safe else reverse("access:readiness"))
