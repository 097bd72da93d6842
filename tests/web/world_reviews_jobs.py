"""A report job of the site, and a kind of review, for their addresses."""

from typing import Any

from partners.models import Site
from tests.factories.reviews import ReportJobFactory


def reviews_jobs_args(site: Site) -> dict[str, dict[str, Any]]:
    """The weekly pack of the site; the weekly kind."""
    return {"report_job": {"pk": ReportJobFactory.create(site=site).pk}, "review_kind": {"code": "weekly"}}
