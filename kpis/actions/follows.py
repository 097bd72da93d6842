"""To follow a site, a KPI, one at the other, or everything; and to stop. A matter of one's own, so it leaves no trace in the audit."""

from django.http import Http404

from portal.accounts.rules import Actor

from ..access.follow import get_follow
from ..models import Follow, Kpi
from ..queries.scope import reads_figures, sites_visible_to


def follow(*, actor: Actor, site_id: int | None, kpi_id: int | None) -> None:
    """Hear of signals of a site (None: all) and a KPI (None: all) from now on; twice is once. Raises Http404 for what is out of sight."""
    if not reads_figures(actor) or actor.user_id is None:
        raise Http404
    if site_id is not None and not sites_visible_to(actor).filter(pk=site_id).exists():
        raise Http404
    if kpi_id is not None and not Kpi.objects.filter(pk=kpi_id, archived_at=None).exists():
        raise Http404
    Follow.objects.bulk_create([Follow(user_id=actor.user_id, site_id=site_id, kpi_id=kpi_id)], ignore_conflicts=True)


def unfollow(*, actor: Actor, follow_id: int) -> None:
    """Hear of it no longer. Raises Http404 for what somebody else follows."""
    get_follow(actor, follow_id).delete()
