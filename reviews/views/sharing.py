"""Best practices: offered to other sites, and what these do with them."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.numbers import wholes
from portal.ui.pagination import keyset_page

from ..access import findings as access
from ..actions import findings as acts
from ..choices import FindingKind
from ..forms.findings import AnswerForm
from ..models import Sharing
from ..queries import findings as queries
from ..queries.scope import reads_reviews, sites_visible_to
from .saving import FormPage, edit, posted, press


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticePage(FormPage):
    """The form's page with the practice, where it comes from and whom it was offered to, as the reader may know them."""

    sharing: Sharing
    source: str
    site: str
    may: bool


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def share(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Choose the sites to offer a practice to."""
    actor = actor_of(request)
    found = access.get_finding(actor, pk)
    access.writing(actor, found.site, FindingKind.FINDING)
    if request.method == "POST":
        chosen = wholes(request.POST.getlist("site"))
        text = ngettext("Offered to %(n)s site", "Offered to %(n)s sites", len(chosen)) % {"n": len(chosen)}
        url = reverse("reviews:finding", args=[pk])
        return press(request, lambda: acts.share(actor=actor, pk=pk, site_ids=chosen), url, text)
    there = found.sharings.values("site")
    sites = (
        sites_visible_to(actor)
        .filter(archived_at=None)
        .exclude(pk=found.site_id)
        .exclude(pk__in=there)
        .order_by("name")
    )
    return render(request, "reviews/share.html", {"finding": found, "sites": sites})


@require_safe
@require_actor
def practices(request: HttpRequest) -> HttpResponseBase:
    """Practices offered to the reader's sites."""
    actor = actor_of(request)
    if not reads_reviews(actor):
        raise Http404
    page = keyset_page(queries.offered_to(actor), order=("-shared_at", "-id"), cursor=request.GET.get("cursor"))
    name = access.namer(actor, [one.finding.site for one in page.items])
    lines = [(one, name(one.finding.site, one.site)) for one in page.items]
    return render(request, "reviews/practices.html", {"page": page, "lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def practice(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One that was offered: what it is, what the site does with it, what came of it."""
    actor = actor_of(request)
    found = access.get_sharing(actor, pk)
    may = access.answering(actor, found) is not None
    if request.method == "POST" and not may:
        raise PermissionDenied
    form = AnswerForm(posted(request), initial=AnswerForm.initial_from(found))
    url = reverse("reviews:practice", args=[pk])

    def save() -> tuple[str, str]:
        names = ("adoption", "why", "result")
        acts.answer_sharing(
            actor=actor, pk=pk, seen=form.seen_version, **{name: form.cleaned_data[name] for name in names}
        )
        return url, _("Answer kept")

    name, source = access.namer(actor, [found.site, found.finding.site]), found.finding.site
    page = PracticePage(
        found.finding.title, _("Keep answer"), reverse("reviews:practices"),
        sharing=found, source=name(source, found.site), site=name(found.site, source), may=may,
    )  # fmt: skip
    return edit(request, form, page, save, AnswerForm.initial_from, "sharing", "reviews/practice.html")
