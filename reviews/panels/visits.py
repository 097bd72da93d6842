"""What a meeting's page shows of the visit and what was observed."""

from collections.abc import Mapping

from portal.accounts.rules import Actor
from portal.ui.registry import Panel, register_panel

from ..access.findings import observing
from ..choices import EngagementKind
from ..models import Engagement


def register() -> None:
    """Make it known."""
    register_panel("engagement", Panel("seen", 60, "reviews/_engagement_visit.html", seen))


def seen(actor: Actor, meeting: object) -> Mapping[str, object] | None:
    """Ways to the checklist, the observations and a new finding; nothing for what has no site."""
    if not isinstance(meeting, Engagement) or meeting.site_id is None:
        return None
    may = observing(actor, meeting) is not None
    return {"meeting": meeting, "visit": meeting.kind == EngagementKind.SITE_VISIT, "may": may}
