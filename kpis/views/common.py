"""What stands at the head of every page of figures."""

from typing import Any, cast

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.accounts.rules import Actor
from portal.ui.templatetags.ui import crumbs

from ..access.subjects import Subject
from ..choices import Grain
from .asked import Asked
from .words.periods import day_text, period_text, short_text


def actor_of(request: HttpRequest) -> Actor:
    """Who makes this request."""
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


def head_of(subject: Subject, asked: Asked) -> dict[str, Any]:
    """Title, breadcrumbs, period, comparison and freshness, for the head's template."""
    period, today = asked.period, timezone.localdate()
    following = period.previous(-1)
    return {
        "subject": subject,
        "asked": asked,
        "crumbs": crumbs(*(part for step in (*subject.trail, ("", subject.label)) for part in step))
        if subject.trail
        else "",
        "period_name": period_text(period),
        "day_of": _("day %(day)d of %(days)d") % {"day": (today - period.first).days + 1, "days": period.days}
        if period.first <= today < period.last
        else "",
        "data_to": day_text(subject.newest) if subject.newest else "",
        "grains": [(Grain(grain).label, key, grain == period.grain) for grain, key in asked.grains(subject.newest)],
        "earlier": (period.previous().key, period_text(period.previous())),
        "later": (following.key, period_text(following)) if following.first <= today else None,
        "compared": compared_text(asked),
        "comparisons": [
            ("previous", period_text(period.previous())),
            ("year", period_text(period.year_before())),
            ("none", _("Nothing")),
        ],
        "nav_key": "network" if subject.kind in {"network", "partner"} else "scorecards",
    }


def compared_text(asked: Asked) -> str:
    """With what the figures are compared."""
    if asked.other:
        return short_text(asked.other)
    return asked.other_site or _("nothing")
