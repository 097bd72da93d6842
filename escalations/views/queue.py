"""The queue: its page, its poll, its filters, its export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import override as override_language
from django.views.decorators.http import require_safe

from escalations import queries
from escalations.choices import Channel, Sensitivity, State
from escalations.forms import FilterForm, filter_initial, parse_filters
from escalations.views.board import board_for
from escalations.views.common import by_asker, case_reader, own_services
from escalations.views.rows import site_name
from portal.accounts.requests import actor_of
from portal.ui.exports import csv_response
from portal.ui.htmx import is_htmx, not_modified
from portal.ui.times import in_zone

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from escalations.models import Case
    from escalations.queries import Scope

# More rows than this want a report, not a queue.
EXPORT_CAP = 10_000


@require_safe
@case_reader
def queue(request: HttpRequest) -> HttpResponseBase:
    """One tab with its filters."""
    board = board_for(request, request.GET)
    extra = {"taken_over": queries.taken_over_for(board.actor), "takes_next": bool(own_services(board.actor))}
    return render(request, "escalations/queue.html", {**board.context(), **extra})


@require_safe
@case_reader
def queue_rows(request: HttpRequest) -> HttpResponseBase:
    """The rows, tabs and pulse for htmx; 204 while they are what the browser shows."""
    board = board_for(request, request.GET)
    if request.GET.get("v") == board.version:
        return not_modified()
    return render(request, "escalations/_poll.html", board.context())


@require_safe
@case_reader
def queue_filter(request: HttpRequest) -> HttpResponseBase:
    """All filters as a form, in a dialog or on a page of its own."""
    actor, asked = actor_of(request), parse_filters(request.GET)
    form = FilterForm(offered=queries.filter_choices(actor), initial=filter_initial(asked.filters))
    context = {"form": form, "tab": asked.tab, "in_dialog": is_htmx(request)}
    template = "escalations/_filter_form.html" if is_htmx(request) else "escalations/filter.html"
    return by_asker(render(request, template, context))


@require_safe
@case_reader
def queue_export(request: HttpRequest) -> HttpResponseBase:
    """The rows behind the tab and its filters as CSV, the soonest due first; at most 10,000."""
    actor, asked = actor_of(request), parse_filters(request.GET)
    rows, inner = queries.with_names(queries.queue_cases(actor, asked.tab, asked.filters)), queries.inner_scope(actor)
    cases = rows.order_by(queries.due_column(inner), "pk")[:EXPORT_CAP].iterator(2000)
    internal = actor.can("see_internal")
    return csv_response("cases.csv", _export_head(internal=internal), _export_rows(cases, inner, internal=internal))


def _export_head(*, internal: bool) -> list[str]:
    head = [_("Case"), _("Severity"), _("State"), _("Subject"), _("Service"), _("Site"), _("Issue type"), _("Channel")]
    head += [_("Assignee"), _("Opened"), _("Next due"), _("Resolved"), _("Updated"), _("Customer reference")]
    return [*head, _("Sensitivity")] if internal else head


def _export_rows(cases: Iterable[Case], inner: Scope | None, *, internal: bool) -> Iterator[list[object]]:
    """The lines, in the reader's language and zone, although they are written after the request has been answered."""
    rows = (_export_row(case, queries.shown_due(case, inner), internal) for case in cases)
    return _in_settings(get_language(), timezone.get_current_timezone(), rows)


def _in_settings[T](language: str | None, zone: tzinfo, rows: Iterable[T]) -> Iterator[T]:
    with override_language(language), timezone.override(zone):
        yield from rows


def _export_row(case: Case, due: datetime | None, internal: bool) -> list[object]:
    row: list[object] = [case.ref, f"S{case.severity}", State(case.state).label, case.subject, case.service.label]
    row += [site_name(case), " › ".join(queries.path_of(case.issue_type)) if case.issue_type else ""]
    row += [Channel(case.channel).label, case.owner.name if case.owner else "", _stamp(case.opened_at)]
    row += [_stamp(due), _stamp(case.resolved_at), _stamp(case.updated_at), case.customer_ref]
    return [*row, Sensitivity(case.sensitivity).label] if internal else row


def _stamp(at: datetime | None) -> str:
    """An instant as spreadsheets read it, in the reader's zone."""
    return in_zone(at).strftime("%Y-%m-%d %H:%M") if at else ""
