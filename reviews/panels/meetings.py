"""What My day shows of meetings."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.accounts.rules import Actor
from portal.ui.days import bounds_of_day
from portal.ui.registry import Act, Panel, register_act, register_panel

from ..queries import meetings as queries

if TYPE_CHECKING:
    from ..models import Engagement

#: Who works at night looks past midnight: a meeting that begins this soon is shown today.
AHEAD: Final = timedelta(hours=8)


def register() -> None:
    """Make it known."""
    register_act(Act("meeting", 45, _("Plan a meeting"), "reviews:engagement_new", "cal", _plans))
    register_panel(
        "home_rail",
        Panel(
            "todays_meetings",
            20,
            "reviews/_home_meetings.html",
            todays_meetings,
            _("Today’s meetings"),
            queries.reads_meetings,
            later=True,
            hushed=True,
        ),
    )


def _plans(actor: Actor) -> bool:
    return actor.can("run_reviews")


def todays_meetings(actor: Actor, _page: object) -> Mapping[str, object] | None:
    """The reader's meetings of today in their own zone, and of the next hours late in the day; nothing when there is none."""
    if not queries.reads_meetings(actor):
        return None
    now = timezone.now()
    since, midnight = bounds_of_day(now, timezone.get_current_timezone())
    rows = queries.own_between(actor, since, max(midnight, now + AHEAD))
    return {"lines": [_line(one, midnight) for one in rows]} if rows else None


def _line(meeting: "Engagement", midnight: datetime) -> Mapping[str, object]:
    return {"meeting": meeting, "about": queries.about(meeting), "tomorrow": meeting.starts_at >= midnight}
