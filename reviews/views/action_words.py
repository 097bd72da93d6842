"""Actions in the reader's words: where, out of what, what happened."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from kpis.wording.values import step_text
from portal.accounts.rules import Actor
from portal.refusals import RefusedError

from ..access.sources import get_source, key_of
from ..choices import Source
from ..models import Action, ActionEvent
from ..wording import refusal_text
from ..wording.actions import EVENTS, FIELDS


@dataclass(frozen=True, slots=True)
class Told:
    """A line of an action's history; `who` is empty where nobody did it."""

    who: str
    behind: str
    said: str
    text: str
    at: datetime


def refusal(refused: RefusedError) -> str:
    """Why something is not done."""
    return refusal_text(refused.code, refused.params)


def zone_of(action: Action) -> str:
    """The zone in which it is due."""
    return action.site.time_zone if action.site else "UTC"


def place_text(action: Action) -> str:
    """The site, the partner, or the network."""
    place = action.site or action.partner
    return place.label if place else _("Network")


def told(event: ActionEvent) -> Told:
    """One event."""
    params = {key: str(value) for key, value in event.params.items()}
    said = str(EVENTS.get(event.code, event.code)) % params if event.code in EVENTS else event.code
    if fields := event.params.get("fields"):
        named = ", ".join(str(FIELDS.get(one, one)) for one in fields)
        said = f"{said}{_(': ')}{named}"
    by, behind = event.by, event.for_user
    return Told(by.name if by else "", behind.name if behind else "", said, event.text, event.at)


def source_of(actor: Actor, action: Action) -> dict[str, str] | None:
    """What it came out of, as far as the reader sees that; its address where it has a page."""
    key = key_of(action)
    if not key:
        return None
    label = str(Source(action.source).label)
    try:
        origin = get_source(actor, key)
    except Http404:
        return {"label": label, "title": "", "url": ""}
    return {"label": label, "title": origin.title, "url": _url(action)}


def expected_text(action: Action) -> str:
    """`CSAT: +5.0`, of a percentage `+5.0 points`; empty without a KPI."""
    kpi = action.kpi
    if kpi is None:
        return ""
    if action.expected_change is None:
        return kpi.label
    step = step_text(action.expected_change, kpi.unit, kpi.decimals)
    said = _("%(step)s points") % {"step": step} if kpi.unit == "percent" else step
    return f"{kpi.label}{_(': ')}{said}"


def _url(action: Action) -> str:
    """The page of its source; empty while there is none."""
    names: dict[str, tuple[str, list[Any]]] = {
        Source.FINDING: ("reviews:finding", [action.finding_id]),
        Source.PACK: ("reviews:pack", [action.line.pack_id if action.line else 0]),
        Source.MEETING: ("reviews:engagement", [action.engagement_id]),
        Source.CASE: ("escalations:case", [f"EC-{action.case_id}"]),
        Source.SCORECARD: ("kpis:site", [action.site.code if action.site else ""]),
    }
    try:
        name, args = names[action.source]
        url = reverse(name, args=args)
    except (KeyError, NoReverseMatch):
        return ""
    if action.source == Source.PACK:
        return f"{url}#line-{action.line_id}"
    if action.source == Source.SCORECARD and action.kpi:
        return f"{url}?period={action.period}&kpi={action.kpi.code}#control"
    return url
