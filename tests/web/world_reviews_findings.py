"""A finding of a shadowing at the site, and a practice that another site offered it, for their addresses."""

from typing import Any

from partners.models import Site
from portal.accounts.models import User
from reviews.models import Observation, Sharing, Theme
from tests.factories.reviews import EngagementFactory, FindingFactory


def reviews_findings_args(site: Site, by: User) -> dict[str, dict[str, Any]]:
    """By their numbers; the theme by its code."""
    theme = Theme.objects.create(code="tone", name="Tone")
    engagement = EngagementFactory.create(kind="shadowing", site=site)
    seen = Observation.objects.create(engagement=engagement, theme=theme, text="Calm", by=by)
    finding = FindingFactory.create(site=site, theme=theme, engagement=engagement, observation=seen, by=by)
    practice = Sharing.objects.create(finding=FindingFactory.create(kind="practice"), site=site, shared_by=by)
    return {
        "observed": {"pk": engagement.pk},
        "observation": {"pk": seen.pk},
        "finding": {"pk": finding.pk},
        "practice": {"pk": practice.pk},
        "theme": {"code": theme.code},
    }
