"""Entries of the side navigation, and words for the trail, of report jobs and kinds of review."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.audit.registry import Named, register_field, register_subject, register_verbs
from portal.ui.registry import NavItem, register_nav

from ..models import ReportJob, ReviewKind
from ..queries.jobs import reads_jobs, scope_label

VERBS = {
    "report_job.added": _("Added a report job"),
    "report_job.changed": _("Changed a report job"),
    "report_job.paused": _("Paused a report job"),
    "report_job.resumed": _("Let a report job go on"),
    "report_job.ended": _("Ended a report job"),
    "review_kind.added": _("Added a kind of review"),
    "review_kind.changed": _("Changed a kind of review"),
    "review_kind.archived": _("Archived a kind of review"),
    "review_kind.restored": _("Restored a kind of review"),
    "pack.made": _("Began a pack"),
    "pack.frozen": _("Froze the numbers of a pack"),
}


def register() -> None:
    """Navigation and words."""
    register_nav(NavItem("reviews", "jobs", _("Report jobs"), "reviews:jobs", "clock", 80, reads_jobs))
    register_nav(NavItem("reviews", "kinds", _("Kinds of review"), "reviews:kinds", "settings", 90, reads_jobs))
    register_verbs(VERBS)
    register_subject("report_job", _("Report job"), _jobs)
    register_subject("review_kind", _("Kind of review"), _kinds)
    for key, label in (
        ("days_after", _("Days after the end")),
        ("formats", _("Formats")),
        ("recipients", _("Sent to")),
        ("sections", _("Sections")),
    ):
        register_field(key, label)


def _jobs(ids: Sequence[int]) -> Mapping[int, Named]:
    rows = ReportJob.objects.filter(pk__in=ids).select_related("kind", "site", "partner")
    return {
        job.pk: Named(f"{job.kind.label} · {scope_label(job)}", reverse("reviews:job", args=[job.pk])) for job in rows
    }


def _kinds(ids: Sequence[int]) -> Mapping[int, Named]:
    return {kind.pk: Named(kind.label, reverse("reviews:kinds")) for kind in ReviewKind.objects.filter(pk__in=ids)}
