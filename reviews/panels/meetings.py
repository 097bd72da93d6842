"""What My day shows of meetings."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from django.utils import timezone

from portal.accounts.rules import Actor
from portal.ui.registry import Panel, register_home

from ..queries import meetings as queries


def register() -> None:
    """Make it known."""
    register_home(Panel("todays_meetings", 30, "reviews/_home_meetings.html", todays_meetings))


def todays_meetings(actor: Actor, _page: object) -> Mapping[str, object] | None:
    """The reader's meetings of today, in their own zone; nothing for a day without."""
    if not queries.reads_meetings(actor):
        return None
    today = timezone.localdate()
    zone = timezone.get_current_timezone()
    since = datetime.combine(today, time(), tzinfo=zone)
    until = datetime.combine(today + timedelta(days=1), time(), tzinfo=zone)
    rows = queries.on_day(actor, since, until)
    return {"lines": [{"meeting": one, "about": queries.about(one)} for one in rows]} if rows else None
