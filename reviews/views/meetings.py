"""Meetings and visits: the lists, one with its agenda, notes and decisions; arranging, moving, calling off, answering."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.ui.htmx import flash
from portal.ui.pagination import keyset_page

from ..access import meetings as access
from ..actions import meetings as acts
from ..choices import OPEN_ACTIONS, EngagementState, Reply
from ..forms.meetings import CancelForm, DecisionForm, ListForm, MeetingForm, NewMeetingForm, TopicForm
from ..models import Engagement
from ..queries import agenda
from ..queries import meetings as queries
from ..queries.minutes import letters_of
from ..queries.scope import actions_visible_to, series_visible_to, sites_visible_to
from ..rendering.meeting_calendar import feed
from ..rendering.meeting_mail import shown
from ..rules import standing
from ..wording import refusal_text
from ..wording.agenda import exception_detail, exception_title
from .saving import FormPage, edit, posted, press

TONES = {
    EngagementState.PLANNED: "", EngagementState.RUNNING: "blue", EngagementState.HELD: "green", EngagementState.CANCELLED: "red",
}  # fmt: skip


@require_safe
@require_actor
def engagements(request: HttpRequest) -> HttpResponseBase:
    """What is to come, or what was; by kind and site."""
    actor = actor_of(request)
    access.permit_reading(actor)
    sites = [(one.code, one.label) for one in sites_visible_to(actor).order_by("name", "pk")]
    form = ListForm(request.GET, sites=sites)
    chosen = form.chosen()
    past = chosen.get("when") == "past"
    rows = queries.past(actor) if past else queries.upcoming(actor)
    if kind := chosen.get("kind"):
        rows = rows.filter(kind=kind)
    if site := chosen.get("site"):
        rows = rows.filter(site__code=site)
    page = keyset_page(
        rows.order_by(),
        order=("-starts_at", "-id") if past else ("starts_at", "id"),
        cursor=request.GET.get("cursor"),
        size=50,
    )
    context = {
        "page": page, "days": _by_day(page.items), "past": past, "form": form, "narrowed": bool(chosen.get("kind") or chosen.get("site")),
        "may_add": queries.runs_somewhere(actor),
    }  # fmt: skip
    return render(request, "reviews/engagements.html", context)


@require_safe
@require_actor
def engagement(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One: its agenda, notes and decisions side by side, who comes, what was sent."""
    actor = actor_of(request)
    return render(request, "reviews/engagement.html", page_of(request, access.get_engagement(actor, pk)))


def page_of(request: HttpRequest, found: Engagement, **forms: Any) -> dict[str, Any]:
    """What the page of a meeting shows; `forms` that came back with errors take the place of empty ones."""
    actor = actor_of(request)
    asked = queries.attendees_of(found)
    runs = standing.running(actor, queries.place_of(found)) is not None
    notes = found.state != EngagementState.CANCELLED and access.writing(actor, found) is not None
    points = [_point(one) for one in agenda.items_of(actor, found)]
    minutes = found.minutes.order_by("-revision").select_related("sent_by").first()
    seen = {one["item"].pk for one in points}
    decisions = [one for one in found.decisions.select_related("by") if one.item_id is None or one.item_id in seen]
    return {
        "meeting": found, "about": queries.about(found), "asked": asked, "mine": next((one for one in asked if one.user_id == actor.user_id), None),
        "points": points, "decisions": decisions, "minutes": minutes, "said": shown(actor, minutes) if minutes else None,
        "letters": letters_of(minutes) if minutes and runs else None,
        "raised": actions_visible_to(actor).filter(engagement=found).select_related("owner").order_by("pk"),
        "runs": runs, "open": runs and found.state in queries.AHEAD, "writes": runs and found.state != EngagementState.CANCELLED,
        "notes": notes, "adds": notes and found.state in queries.AHEAD,
        "replies": [(value, label) for value, label in Reply.choices if value != Reply.NONE], "tone": TONES[EngagementState(found.state)],
        "topic": TopicForm(auto_id="topic-%s"), "decision": DecisionForm(auto_id="decision-%s"), "next": queries.next_planned(found),
        "series_seen": found.series_id is not None and series_visible_to(actor).filter(pk=found.series_id).exists(), **forms,
    }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def engagement_new(request: HttpRequest) -> HttpResponseBase:
    """One that is not there yet."""
    actor = actor_of(request)
    access.permit_arranging(actor)
    form = NewMeetingForm(posted(request), actor=actor, initial={"day": timezone.localdate()})

    def save() -> tuple[str, str]:
        made = acts.add_engagement(actor=actor, about=form.chosen, plan=form.plan())
        return reverse("reviews:engagement_change", args=[made.pk]), _("Meeting added. Choose who comes.")

    page = FormPage(
        _("New meeting"),
        _("Add meeting"),
        reverse("reviews:engagements"),
        ((reverse("reviews:engagements"), _("Meetings")),),
    )
    return edit(request, form, page, save, MeetingForm.initial_from, acts.SUBJECT)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def engagement_change(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Another time or place, other people."""
    actor = actor_of(request)
    found = access.get_engagement(actor, pk)
    place = queries.place_of(found)
    access.permitted(actor, place)
    if found.state != EngagementState.PLANNED:
        flash(request, refusal_text(f"meeting_is_{found.state}", {}), tone="red")
        return redirect("reviews:engagement", pk)
    kept = {one.user_id: one.user.name for one in queries.attendees_of(found) if one.user_id and one.user}
    form = MeetingForm(posted(request), about=place, kept=kept, initial=MeetingForm.initial_from(found))
    url = reverse("reviews:engagement", args=[pk])

    def save() -> tuple[str, str]:
        acts.change_engagement(actor=actor, pk=pk, seen=form.seen_version, plan=form.plan())
        return url, _("Saved. Whoever it concerns is sent the change.")

    page = FormPage(_("Change the meeting"), _("Save"), url, ((url, found.title),))
    return edit(request, form, page, save, MeetingForm.initial_from, acts.SUBJECT)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def engagement_cancel(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Call it off, with a reason."""
    actor = actor_of(request)
    found = access.get_engagement(actor, pk)
    access.permitted(actor, queries.place_of(found))
    form = CancelForm(posted(request))
    url = reverse("reviews:engagement", args=[pk])
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            return press(
                request, lambda: acts.cancel_engagement(actor=actor, pk=pk, reason=reason), url, _("Called off")
            )
    page = FormPage(_("Call off"), _("Call off"), url, ((url, found.title),))
    return render(request, "reviews/form.html", {"form": form, "page": page, "conflict": ""}, status=status)


@require_POST
@require_actor
def engagement_reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether one comes."""
    answer = request.POST.get("reply", "")
    return press(
        request,
        lambda: acts.reply(actor=actor_of(request), pk=pk, answer=answer),
        reverse("reviews:engagement", args=[pk]),
        _("Your answer is kept"),
    )


@require_safe
@require_actor
def engagement_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The meeting as an iCalendar file."""
    found = access.get_engagement(actor_of(request), pk)
    response = HttpResponse(feed([found], ""), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="meeting-{pk}.ics"'
    return response


def _by_day(rows: Any) -> list[dict[str, Any]]:
    """Meetings under the day on which they begin, in the reader's zone."""
    days: list[dict[str, Any]] = []
    for one in rows:
        day = timezone.localtime(one.starts_at).date()
        if not days or days[-1]["day"] != day:
            days.append({"day": day, "first": one.starts_at, "lines": []})
        days[-1]["lines"].append(
            {"meeting": one, "about": queries.about(one), "tone": TONES[EngagementState(one.state)]}
        )
    return days


def _point(item: Any) -> dict[str, Any]:
    """What the page says of a point."""
    if item.code == "exception":
        return {"item": item, "title": exception_title(item.params), "detail": exception_detail(item.params), "url": ""}
    if item.action is not None:
        url = reverse("reviews:action", args=[item.action.ref])
        return {
            "item": item,
            "title": item.action.title,
            "detail": item.action.owner.name,
            "url": url,
            "action": item.action,
            "stands": "" if item.action.state in OPEN_ACTIONS else item.action.get_state_display(),
        }
    return {"item": item, "title": item.title, "detail": "", "url": ""}
