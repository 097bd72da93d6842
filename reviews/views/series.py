"""Series of meetings: the list, one with its meetings, new ones, changes, the end."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.ui.htmx import flash

from ..access import meetings as access
from ..actions import series as acts
from ..forms.series import NewSeriesForm, SeriesChangeForm
from ..models import Series
from ..queries import meetings as queries
from ..rules import recurrence, standing
from ..wording import refusal_text
from ..wording.rhythms import RHYTHMS
from .meetings import TONES
from .saving import FormPage, edit, posted, press

SHOWN = 60


@require_safe
@require_actor
def all_series(request: HttpRequest) -> HttpResponseBase:
    """Series that the reader sees."""
    actor = actor_of(request)
    access.permit_reading(actor)
    lines = [{"series": one, "about": queries.about(one), "rhythm": rhythm(one)} for one in queries.series(actor)]
    return render(request, "reviews/series_list.html", {"lines": lines, "may_add": queries.runs_somewhere(actor)})


@require_safe
@require_actor
def series(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One with its meetings, those to come first."""
    actor = actor_of(request)
    found = access.get_series(actor, pk)
    rows = queries.engagements(actor).filter(series=found)
    now = timezone.now()
    context = {
        "series": found, "about": queries.about(found), "rhythm": rhythm(found),
        "groups": [
            (_("Coming up"), rows.filter(starts_at__gte=now).order_by("starts_at")[:SHOWN]),
            (_("Before"), rows.filter(starts_at__lt=now).order_by("-starts_at")[:SHOWN]),
        ],
        "members": found.members.select_related("user").order_by("user__name"), "tones": TONES,
        "runs": found.ended_at is None and standing.running(actor, queries.place_of(found)) is not None,
    }  # fmt: skip
    return render(request, "reviews/series.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def series_new(request: HttpRequest) -> HttpResponseBase:
    """A series that is not there yet."""
    actor = actor_of(request)
    access.permit_arranging(actor)
    form = NewSeriesForm(posted(request), actor=actor, initial={"first_day": timezone.localdate()})

    def save() -> tuple[str, str]:
        data = form.cleaned_data
        made = acts.add_series(
            actor=actor, about=form.chosen, kind=data["kind"], first_day=data["first_day"], rhythm=data["rhythm"],
            time_zone=form.chosen_zone, terms=form.terms(),
        )  # fmt: skip
        return reverse("reviews:series_change", args=[made.pk]), _(
            "Series added, with its meetings of the next eight weeks. Choose who comes."
        )

    up = ((reverse("reviews:all_series"), _("Series of meetings")),)
    page = FormPage(_("New series"), _("Add series"), reverse("reviews:all_series"), up)
    return edit(request, form, page, save, SeriesChangeForm.initial_from, acts.SUBJECT)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def series_change(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What its meetings have in common."""
    actor = actor_of(request)
    found = access.get_series(actor, pk)
    place = queries.place_of(found)
    access.permitted(actor, place)
    url = reverse("reviews:series", args=[pk])
    if found.ended_at is not None:
        flash(request, refusal_text("series_is_over", {}), tone="red")
        return redirect(url)
    kept = dict(found.members.values_list("user_id", "user__name"))
    form = SeriesChangeForm(posted(request), about=place, kept=kept, row=found)

    def save() -> tuple[str, str]:
        acts.change_series(actor=actor, pk=pk, seen=form.seen_version, terms=form.terms())
        return url, _("Saved. Meetings to come follow.")

    page = FormPage(_("Change the series"), _("Save"), url, ((url, found.title),))
    return edit(request, form, page, save, SeriesChangeForm.initial_from, acts.SUBJECT)


@require_POST
@require_actor
def series_end(request: HttpRequest, pk: int) -> HttpResponse:
    """No further meetings."""
    return press(
        request,
        lambda: acts.end_series(actor=actor_of(request), pk=pk),
        reverse("reviews:series", args=[pk]),
        _("Series ended"),
    )


def rhythm(found: Series) -> str:
    """How often, in words."""
    key = recurrence.rhythm_of(found.rule, found.first_day)
    return str(RHYTHMS[key]) if key else found.rule
