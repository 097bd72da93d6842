"""Report jobs: the list, one with its packs and recipients, new ones, changes, and the buttons."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kpis.wording.periods import period_text
from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.ui.htmx import flash

from ..access import jobs as access
from ..actions import jobs as acts
from ..choices import Format, Rhythm
from ..forms.jobs import NewJobForm, TermsForm
from ..models import ReportJob
from ..queries import jobs as queries
from ..rules import standing
from ..rules.timing import period_of
from .saving import FormPage, edit, posted, press

SHOWN = 20


@require_safe
@require_actor
def jobs(request: HttpRequest) -> HttpResponseBase:
    """The jobs whose packs the reader sees."""
    actor = actor_of(request)
    access.permit_reading(actor)
    rows = queries.jobs_visible_to(actor).filter(archived_at=None).order_by("paused_at", "next_at", "pk")
    lines = [{"job": job, "about": queries.scope_label(job), "period": _next(job)} for job in rows]
    return render(request, "reviews/jobs.html", {"lines": lines, "may_add": queries.configures(actor)})


@require_safe
@require_actor
def job(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One job: when it is due, whom it is sent to, and the packs it made."""
    actor = actor_of(request)
    found = access.get_job(actor, pk)
    context = {
        "job": found, "about": queries.scope_label(found), "period": _next(found), "weekday": WEEKDAYS[found.weekday] if found.kind.rhythm == Rhythm.WEEK else "",
        "formats": [Format(one).label for one in found.formats], "recipients": queries.recipients_of(found),
        "packs": [(pack, period_text(period_of(found.kind.rhythm, pack.first_day))) for pack in queries.packs_of(actor, found)[:SHOWN]],
        "may_change": standing.configuring(actor, queries.place_of(found)) is not None,
    }  # fmt: skip
    return render(request, "reviews/job.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def job_new(request: HttpRequest) -> HttpResponseBase:
    """A job that is not there yet."""
    actor = actor_of(request)
    access.permit_kinds(actor)
    me: Any = request.user
    form = NewJobForm(posted(request), actor=actor, own_zone=me.time_zone, initial={"language": me.language})

    def save() -> tuple[str, str]:
        scope, place = form.chosen
        made = acts.add_job(actor=actor, kind=form.cleaned_data["kind"], scope=scope, place=place, terms=form.terms())
        return reverse("reviews:job_change", args=[made.pk]), _("Job added. Choose whom its packs are sent to.")

    page = FormPage(_("New report job"), _("Add job"), reverse("reviews:jobs"))
    return edit(request, form, page, save, TermsForm.initial_from, "report_job", "reviews/job_form.html")


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def job_change(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Another time, other formats, other recipients."""
    actor = actor_of(request)
    found = access.get_job(actor, pk)
    place = queries.place_of(found)
    access.permitted(actor, place)
    kept = [(one.user_id, one.name) for one in queries.recipients_of(found)]
    form = TermsForm(
        posted(request), place=place, rhythm=found.kind.rhythm, kept=kept, initial=TermsForm.initial_from(found)
    )
    url = reverse("reviews:job", args=[pk])

    def save() -> tuple[str, str]:
        acts.change_job(actor=actor, job_id=pk, seen=form.seen_version, terms=form.terms())
        return url, _("Job saved")

    page = FormPage(_title(found), _("Save"), url)
    return edit(request, form, page, save, TermsForm.initial_from, "report_job", "reviews/job_form.html")


@require_POST
@require_actor
def job_pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Make no packs for now."""
    return _press(request, pk, acts.pause_job, _("Job paused"))


@require_POST
@require_actor
def job_resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on."""
    return _press(request, pk, acts.resume_job, _("Job goes on"))


@require_POST
@require_actor
def job_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Let it end."""
    acts.archive_job(actor=actor_of(request), job_id=pk)
    flash(request, _("Job ended. Its packs stay."))
    return redirect("reviews:jobs")


@require_POST
@require_actor
def job_make(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the pack of the last whole period at once."""
    pack, new = acts.make_now(actor=actor_of(request), job_id=pk)
    period = period_text(period_of(pack.kind.rhythm, pack.first_day))
    text = _("The pack of %(period)s is being made.") if new else _("There is a pack of %(period)s already.")
    flash(request, text % {"period": period})
    return redirect("reviews:job", pk)


def _press(request: HttpRequest, pk: int, act: Any, text: str) -> HttpResponse:
    return press(request, lambda: act(actor=actor_of(request), job_id=pk), reverse("reviews:job", args=[pk]), text)


def _next(job: ReportJob) -> str:
    return period_text(period_of(job.kind.rhythm, job.next_period))


def _title(job: ReportJob) -> str:
    return f"{job.kind.label} · {queries.scope_label(job)}"
