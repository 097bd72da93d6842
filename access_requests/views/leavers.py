"""A leaver reported from the person's page: what ends, and one button."""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from partners import queries as directory
from portal.accounts.decorators import require_right
from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from portal.ui.htmx import flash

from .. import actions, queries
from ..choices import RequestKind
from ..forms.requests import LeaverForm
from ..queries.preview import Wish, preview
from .request_words import people_rows

if TYPE_CHECKING:
    from partners.models import Person, Site


@require_http_methods(["GET", "HEAD", "POST"])
@require_right("request_access")
def report_leaver(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Everything that ends for this person (GET); take it away after the last shift (POST), once however often pressed."""
    actor = actor_of(request)
    person = directory.people_visible_to(actor).filter(pk=pk).first()
    site = leaving_site(actor, pk)
    if person is None or site is None:
        raise Http404
    now = timezone.localtime(timezone=ZoneInfo(site.time_zone))
    initial = {"day": now.date(), "hour": now.time().replace(second=0, microsecond=0)}
    form = LeaverForm(request.POST if request.method == "POST" else None, initial=initial)
    made = preview(site, Wish(RequestKind.LEAVER, (pk,)), timezone.now())
    if request.method == "POST" and form.is_valid():
        if (ref := _reported_before(request, actor, pk)) is not None:
            return redirect("access:request", ref)
        return _report(request, actor, person, site, form)
    context: dict[str, Any] = {
        "person": person, "site": site, "form": form, "line": people_rows(made)[0],
        "back": reverse("partners:person", args=[pk]), "token": uuid4(),
    }  # fmt: skip
    return render(request, "access_requests/leaver.html", context, status=422 if form.is_bound else 200)


def _report(request: HttpRequest, actor: Actor, person: "Person", site: "Site", form: LeaverForm) -> HttpResponseBase:
    data = form.cleaned_data
    last = datetime.combine(data["day"], data["hour"], ZoneInfo(site.time_zone))
    made = actions.report_leavers(
        actor=actor, site_id=site.pk, person_ids=[person.pk], last_shift_at=last, reason=data["reason"],
        origin_key=_key(request, person.pk),
    )  # fmt: skip
    text = _("%(ref)s sent: all access of %(name)s ends.")
    if not made.items.exists():
        text = _("%(ref)s: %(name)s is reported as leaving, and held nothing.")
    flash(request, text % {"ref": made.ref, "name": person.label})
    return redirect("access:request", made.ref)


def _key(request: HttpRequest, pk: int) -> str:
    """What makes a second press of the same button the same report; nothing for a form without our token."""
    try:
        return f"leaver:{pk}:{UUID(request.POST.get('token', ''))}"
    except ValueError:
        return ""


def _reported_before(request: HttpRequest, actor: Actor, pk: int) -> str | None:
    """The report that an earlier press of this button made."""
    key = _key(request, pk)
    found = queries.visible_to(actor).filter(origin_key=key).first() if key else None
    return found.ref if found else None


def leaving_site(actor: Actor, pk: int) -> "Site | None":
    """The site of the actor from which this person can be reported as leaving; None if there is none."""
    for site in queries.sites_to_request(actor).filter(placements__person=pk, placements__cancelled_at=None).distinct():
        if queries.people_of_site(site.pk, RequestKind.LEAVER).filter(pk=pk).exists():
            return site
    return None
