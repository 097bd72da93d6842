"""The rows of a readiness board, under their headings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.accounts.rules import Actor
from portal.ui.marks import icon
from portal.ui.times import date_text, in_zone, time_text

from .. import rules
from ..addresses import address, request_url
from ..choices import RequestKind
from ..models import System
from ..queries.owning import owner_labels
from ..queries.readiness import Agent, nudged_today
from ..rules.readiness import NOT_REQUESTED, Course, Missing
from ..wording.readiness import BLOCKERS, COURSES, ICONS, MARKS, MISSING

if TYPE_CHECKING:
    from partners.models import Site

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
    ask_url: str
    idle: str


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading."""

    heading: str
    detail: str
    lines: Sequence[Line]


def hours_text(hours: float) -> str:
    """So many hours of waiting."""
    return _("%(hours)s h") % {"hours": f"{hours:,.0f}" if hours >= 10 else f"{hours:.1f}"}


def systems_of(agents: Iterable[Agent]) -> dict[int, System]:
    """The columns: systems that somebody on the board needs."""
    wanted = {pk for one in agents for pk in one.outlook.marks}
    rows = System.objects.filter(pk__in=wanted).select_related("owner", "group").order_by("name", "pk")
    return {one.pk: one for one in rows}


def lines_of(
    actor: Actor, site: "Site", agents: Sequence[Agent], systems: Mapping[int, System], now: datetime
) -> list[Line]:
    """A row for each agent, in their order."""
    cells = {mark: format_html('<td data-r="{}">{}<span class="sr">{}</span></td>', mark, icon(ICONS[mark]), MARKS[mark])
             for mark in MARKS}  # fmt: skip
    none = format_html('<td><span class="sr">{}</span></td>', _("Not needed"))
    pairs = [(one, one.outlook.blocker) for one in agents if one.outlook.blocker is not None]
    owners = owner_labels(pairs, systems, now)
    here = {m.entry.item_id for a, m in pairs if m.entry.item_id and _item_site(a, m) == site.pk}
    nudged = nudged_today(here, site.time_zone, now)
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
                _ask_url(one, site) if may and blocker is not None and blocker.code == NOT_REQUESTED else "",
                hours_text(one.idle_hours) if one.idle_hours is not None else "",
            )
        )
    return found


def _ask_url(agent: Agent, site: "Site") -> str:
    """A request for this person, as far as the form can be filled in."""
    asked = {"kind": RequestKind.JOINER.value, "site": site.code, "person": agent.person_id}
    return f"{address('request-new')}?{urlencode(asked)}"


def _item_site(agent: Agent, missing: Missing) -> int | None:
    item = agent.items.get(missing.entry.entitlement_id)
    return item.site_id if item else None


def _missing_text(missing: Missing, owner: str, systems: Mapping[int, System], site: "Site") -> str:
    since = time_text(missing.entry.since, "auto", site.time_zone) if missing.entry.since else ""
    return str(MISSING[missing.code]) % {"what": systems[missing.entry.system_id].label, "owner": owner, "since": since}


def _more(number: int) -> str:
    return ngettext("and %(n)d more", "and %(n)d more", number) % {"n": number} if number > 0 else ""


def groups_of(lines: Sequence[Line], by: str, site: "Site", now: datetime) -> list[Group]:
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
