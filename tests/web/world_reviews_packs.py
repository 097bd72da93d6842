"""A draft of the site that waits for a comment, and a published week with its revision, for the addresses of packs."""

from datetime import date
from typing import Any

from partners.models import Site
from tests.factories.reviews import draft, published

EARLIER = {"first_day": date(2026, 11, 2), "last_day": date(2026, 11, 8)}


def reviews_packs_args(site: Site) -> dict[str, dict[str, Any]]:
    """The draft; the revision of the week before."""
    published(site=site, **EARLIER)
    revised = draft(site=site, revision=2, reason="A day was missing.", **EARLIER)
    return {"pack": {"pk": draft(site=site).pk}, "pack_revision": {"pk": revised.pk}}
