"""Observations of a meeting; findings: the list, one, new ones out of what was seen, changes."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from portal.numbers import whole
from portal.ui.htmx import flash
from portal.ui.pagination import keyset_page

from ..access import findings as access
from ..access.visits import reads_checklists, reported
from ..actions import findings as acts
from ..choices import FindingKind
from ..forms.findings import FindingFilter, FindingForm, ObservationForm
from ..models import Answer, Observation
from ..queries import findings as queries
from ..queries.scope import engagements_visible_to, reads_reviews
from .saving import FormPage, edit, posted, press


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def observations(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What was observed in a meeting or shadowing, and a form for more."""
    actor = actor_of(request)
    engagement = access.get_engagement(actor, pk)
    may = access.observing(actor, engagement) is not None
    if request.method == "POST" and not may:
        raise PermissionDenied
    form = ObservationForm(posted(request))
    if request.method == "POST" and form.is_valid():
        names = ("theme", "text", "quote", "contact_ref")
        acts.observe(actor=actor, engagement_id=pk, **{name: form.cleaned_data[name] for name in names})
        flash(request, _("Observation kept"))
        return redirect("reviews:observations", pk)
    context = {"engagement": engagement, "rows": queries.observations_of(engagement), "form": form, "may": may}
    return render(request, "reviews/observations.html", context, status=422 if form.errors else 200)


@require_POST
@require_actor
def observation_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an observation back."""
    found = acts.withdraw_observation(actor=actor_of(request), pk=pk)
    flash(request, _("Observation taken back"))
    return redirect("reviews:observations", found.engagement_id)


@require_safe
@require_actor
def findings(request: HttpRequest) -> HttpResponseBase:
    """Findings at the reader's sites, by site, kind and theme."""
    actor = actor_of(request)
    _permit(actor)
    form = FindingFilter(request.GET, actor=actor)
    asked = form.cleaned_data if form.is_valid() else {}
    rows = queries.findings(actor, **asked) if form.is_valid() else queries.findings(actor).none()
    page = keyset_page(rows, order=("-at", "-id"), cursor=request.GET.get("cursor"))
    context = {
        "page": page, "filters": form, "filtered": any(asked.values()) or bool(form.errors),
        "may_add": bool(access.sites_to_find_at(actor)), "reads_themes": reads_checklists(actor),
    }  # fmt: skip
    return render(request, "reviews/findings.html", context)


def _permit(actor: Actor) -> None:
    if not reads_reviews(actor):
        raise Http404


@require_safe
@require_actor
def finding(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One finding: what it came out of, whom it was offered to, what is done about it."""
    actor = actor_of(request)
    found = access.get_finding(actor, pk)
    kinds = access.kinds_for(actor, found.site)
    sharings = list(queries.sharings_of(found))
    name = access.namer(actor, [one.site for one in sharings])
    offered = [(one, name(one.site, found.site)) for one in sharings]
    origin = (
        found.engagement
        if found.engagement_id and engagements_visible_to(actor).filter(pk=found.engagement_id).exists()
        else None
    )
    stands = found.withdrawn_at is None
    context = {
        "finding": found, "may": stands and found.kind in kinds, "offered": offered, "origin": origin,
        "may_share": stands and found.kind == FindingKind.PRACTICE and FindingKind.FINDING in kinds, "may_act": stands and bool(kinds),
    }  # fmt: skip
    return render(request, "reviews/finding.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def finding_new(request: HttpRequest) -> HttpResponseBase:
    """A finding, out of an answer, an observation, a meeting, or of itself."""
    actor = actor_of(request)
    _permit(actor)
    if not access.sites_to_find_at(actor):
        raise PermissionDenied
    origin, site, initial = _origin(actor, request)
    form = FindingForm(posted(request), actor=actor, fixed=site, initial=initial)

    def save() -> tuple[str, str]:
        place = site or form.cleaned_data["site"]
        made = acts.add_finding(actor=actor, site=place, origin=origin, values=form.values())
        return reverse("reviews:finding", args=[made.pk]), _("Finding kept")

    url = reverse("reviews:findings")
    page = FormPage(_("New finding"), _("Keep finding"), url, ((url, _("Findings")),))
    return edit(request, form, page, save, FindingForm.initial_from, "finding")


def _origin(actor: Actor, request: HttpRequest) -> tuple[acts.Origin, Any, dict[str, Any]]:
    """What the address says that it came out of, the site of that, and what the form begins with. Raises Http404."""
    seen = engagements_visible_to(actor).filter(site__isnull=False)
    name = next((one for one in ("answer", "observation", "engagement") if one in request.GET), None)
    if name is None:
        return acts.Origin(), None, {}
    pk = whole(request.GET[name]) or 0
    if name == "engagement":
        meeting = access.get_engagement(actor, pk)
        return acts.Origin(meeting), _writable(actor, meeting.site), {}
    if name == "answer":
        answer = (
            Answer.objects.filter(pk=pk, visit__engagement__in=reported(actor).values("pk"))
            .select_related("question", "visit__engagement__site")
            .first()
        )
        if answer is None:
            raise Http404
        meeting = answer.visit.engagement
        return (
            acts.Origin(meeting, answer=answer),
            _writable(actor, meeting.site),
            {"title": answer.question.label[:200], "text": answer.note},
        )
    row = (
        Observation.objects.filter(pk=pk, engagement__in=seen.values("pk"), withdrawn_at=None)
        .select_related("engagement__site")
        .first()
    )
    if row is None:
        raise Http404
    text = f"{row.text}\n\n“{row.quote}”" if row.quote else row.text
    return (
        acts.Origin(row.engagement, observation=row),
        _writable(actor, row.engagement.site),
        {"text": text[:4000], "theme": row.theme_id},
    )


def _writable(actor: Actor, site: Any) -> Any:
    if not access.kinds_for(actor, site):
        raise PermissionDenied
    return site


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def finding_change(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Other words."""
    actor = actor_of(request)
    found = access.get_finding(actor, pk)
    access.writing(actor, found.site, found.kind)
    form = FindingForm(posted(request), actor=actor, fixed=found.site, initial=FindingForm.initial_from(found))
    url = reverse("reviews:finding", args=[pk])

    def save() -> tuple[str, str]:
        acts.change_finding(actor=actor, pk=pk, seen=form.seen_version, values=form.values())
        return url, _("Finding saved")

    return edit(
        request,
        form,
        FormPage(found.title, _("Save"), url, ((url, found.title),)),
        save,
        FindingForm.initial_from,
        "finding",
    )


@require_POST
@require_actor
def finding_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it back."""
    url = reverse("reviews:finding", args=[pk])
    return press(request, lambda: acts.withdraw_finding(actor=actor_of(request), pk=pk), url, _("Finding taken back"))
