"""Calendars: list, one with its year, new, change with a try beforehand, archive."""

from typing import Any

from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.numbers import whole
from portal.ui.htmx import flash
from sla import access, actions, registry
from sla.actions.calendars import OutdatedError
from sla.country_days import last_published
from sla.forms.calendars import CalendarForm, country_choices, initial_of
from sla.models import Calendar
from sla.queries import calendars, pages, rulebook
from sla.queries.calendars import content_of, newest_version, open_clocks_on
from sla.queries.preview import Preview, preview, with_calendar
from sla.views.common import configurer, reader


@require_safe
@require_actor
def calendar_list(request: HttpRequest) -> HttpResponseBase:
    """All calendars."""
    actor = reader(request)
    context = {
        "calendars": calendars(),
        "archived": pages.archived_calendars(),
        "may_configure": access.may_configure(actor),
    }
    return render(request, "sla/calendars.html", context)


@require_safe
@require_actor
def calendar(request: HttpRequest, calendar_id: int) -> HttpResponseBase:
    """One calendar: its week, a year of it, its versions."""
    found = _calendar(request, calendar_id)
    version = newest_version(found.pk)
    content = content_of(version)
    years = pages.years_of(content, timezone.now())
    asked = whole(request.GET.get("year", ""))
    year = asked if asked in years else timezone.now().year
    context = {
        "calendar": found,
        "version": version,
        "week": pages.week_of(content),
        "year": year,
        "years": pages.years_around(years, year),
        "months": pages.months_of(content, year),
        "odd_days": pages.odd_days(content, year),
        "country": dict(country_choices()).get(content.country, content.country),
        "unpublished": year > (last_published(content.country) or year),
        "versions": pages.calendar_versions(found.pk),
        "jobs": pages.jobs_of(calendar=found.pk),
        "open_clocks": open_clocks_on(found.pk),
        "may_configure": access.may_configure(actor_of(request)),
    }
    return render(request, "sla/calendar.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def calendar_new(request: HttpRequest) -> HttpResponseBase:
    """A calendar that does not exist yet."""
    actor = configurer(request)
    form = CalendarForm(request.POST or None, initial={"time_zone": "UTC"})
    if request.method != "POST" or not form.is_valid() or form.content is None:
        return _form_page(request, form, None)
    data = form.cleaned_data
    try:
        made = actions.create_calendar(actor=actor, name=data["name"], name_zh=data["name_zh"], content=form.content)
    except IntegrityError:
        form.add_error("name", _("Another calendar has this name."))
        return _form_page(request, form, None)
    flash(request, _("Calendar created"))
    return redirect("sla:calendar", made.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def calendar_edit(request: HttpRequest, calendar_id: int) -> HttpResponseBase:
    """Change a calendar: try it on the open clocks first, then save."""
    found = _calendar(request, calendar_id)
    configurer(request)
    version = newest_version(found.pk)
    initial = initial_of(found, content_of(version), version.number)
    form = CalendarForm(request.POST or None, initial=initial, calendar_id=found.pk)
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, form, found)
    if request.POST.get("do") == "save":
        return _save(request, form, found)
    return _form_page(request, form, found, previewed=_preview(found, form))


def _save(request: HttpRequest, form: CalendarForm, found: Calendar) -> HttpResponseBase:
    if form.content is None:
        return _form_page(request, form, found)
    try:
        actions.change_calendar(
            actor=actor_of(request),
            calendar_id=found.pk,
            name=form.cleaned_data["name"],
            name_zh=form.cleaned_data["name_zh"],
            content=form.content,
            expected=form.cleaned_data["expected"] or 0,
        )
    except IntegrityError:
        form.add_error("name", _("Another calendar has this name."))
        return _form_page(request, form, found)
    except OutdatedError:
        form.add_error(None, _("Not saved. Somebody changed this calendar a moment ago; open it again to see how."))
        return _form_page(request, form, found, status=409)
    flash(request, _("Calendar saved. Open clocks are being recomputed."))
    return redirect("sla:calendar", found.pk)


def _preview(found: Calendar, form: CalendarForm) -> Preview:
    """What the change would do to open clocks of every kind."""
    total = Preview()
    if form.content is None:
        return total
    for kind in registry.kinds():
        book = with_calendar(rulebook(kind.key), found.pk, form.content.business_calendar())
        part = preview(kind.key, book, calendar_id=found.pk)
        total.looked_at += part.looked_at
        total.moved += part.moved
        total.breach += part.breach
        total.cancelled += part.cancelled
        total.exact = total.exact and part.exact
    return total


def _form_page(
    request: HttpRequest,
    form: CalendarForm,
    found: Calendar | None,
    *,
    status: int = 200,
    previewed: Preview | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "calendar": found, "preview": previewed}
    context["cancel_url"] = reverse("sla:calendar", args=[found.pk]) if found else reverse("sla:calendars")
    return render(request, "sla/calendar_form.html", context, status=422 if form.errors and status == 200 else status)


@require_POST
@require_actor
def calendar_archive(request: HttpRequest, calendar_id: int) -> HttpResponseBase:
    """Offer a calendar no longer, or again."""
    found = _calendar(request, calendar_id)
    actor = configurer(request)
    archived = request.POST.get("archived") == "1"
    if not archived and Calendar.objects.filter(name__iexact=found.name, archived_at=None).exists():
        flash(request, _("Another calendar has this name. Rename that one first."), "red")
        return redirect("sla:calendar", found.pk)
    actions.archive_calendar(actor=actor, calendar_id=found.pk, archived=archived)
    flash(request, _("Calendar archived") if archived else _("Calendar restored"))
    return redirect("sla:calendar", found.pk)


def _calendar(request: HttpRequest, calendar_id: int) -> Calendar:
    found = access.get_calendar(actor_of(request), calendar_id)
    if found is None:
        raise Http404
    return found
