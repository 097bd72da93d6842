"""Themes, observations, findings and practices that are shared."""

from typing import Any

from django.db.models import Q, QuerySet

from portal.accounts.rules import Actor

from ..models import Engagement, Finding, Observation, Sharing, Theme
from .scope import findings_visible_to, sharings_visible_to, sites_visible_to


def themes_in_use() -> QuerySet[Theme]:
    """Themes that are not archived."""
    return Theme.objects.filter(archived_at=None)


def themes() -> QuerySet[Theme]:
    """All, those in use first."""
    return Theme.objects.order_by("archived_at", "name", "pk")


def theme_by(code: str) -> Theme | None:
    """A theme."""
    return Theme.objects.filter(code=code).first()


def findings(actor: Actor, *, site: Any = None, kind: str = "", theme: Any = None) -> QuerySet[Finding]:
    """Findings that stand at the actor's sites, narrowed."""
    rows = findings_visible_to(actor).filter(withdrawn_at=None).select_related("site", "theme", "by")
    wanted = {name: value for name, value in (("site", site), ("kind", kind), ("theme", theme)) if value}
    return rows.filter(**wanted)


def observations_of(engagement: Engagement) -> QuerySet[Observation]:
    """What was observed there and was not taken back, with the findings that came of it."""
    rows = engagement.observations.filter(withdrawn_at=None).select_related("theme", "by")
    return rows.prefetch_related("findings")


def offered_to(actor: Actor) -> QuerySet[Sharing]:
    """Practices that were offered to the actor's sites."""
    stands = Q(finding__withdrawn_at=None) | ~Q(adoption="")
    rows = sharings_visible_to(actor).filter(stands, site__in=sites_visible_to(actor).values("pk"))
    return rows.select_related("finding__site__partner", "finding__theme", "site__partner")


def sharings_of(finding: Finding) -> QuerySet[Sharing]:
    """Whom a practice was offered to, and what they answered."""
    return finding.sharings.select_related("site__partner", "answered_by")
