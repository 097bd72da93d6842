"""Splitting messages off a case into one of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from escalations import access, actions, queries
from escalations.choices import Direction
from escalations.choices.links import MOST_CARRIED
from escalations.forms import issue_groups
from escalations.forms.splitting import SplitForm
from escalations.queries.splitting import splittable
from escalations.views.common import case_reader, case_url, moved_on, refusal
from escalations.views.new import FIELDS, place_of
from escalations.views.undoing import conflict_words
from portal.accounts.requests import actor_of
from portal.audit.wording import listed
from portal.ui.pressing import once
from portal.ui.times import time_text

if TYPE_CHECKING:
    from escalations.models import Case, TimelineEntry
    from portal.accounts.rules import Actor


@require_http_methods(["GET", "HEAD", "POST"])
@case_reader
def split(request: HttpRequest, ref: str, entry_id: int) -> HttpResponseBase:
    """The form (GET), and making a case of some messages (POST), once however often the button is pressed."""
    actor = actor_of(request)
    case = access.get_case(actor, ref)
    # Of a case that was merged while they wrote the action says so, at the form.
    rights = access.rights_while_open if request.method == "POST" else access.rights_of
    if not (rights(actor, case).contact and actor.can("raise_case")):
        raise PermissionDenied
    entries = _offered(actor, case, entry_id)
    form = _form(actor, case, entries, entry_id, request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _show(request, case, form, status=422 if form.is_bound else 200)
    try:
        made = once(request, form.cleaned_data["token"], lambda: _told_then_split(request, actor, case, form))
    except _TellFirstError as tell:
        return _show(request, case, form, status=422, losing=tell.losing)
    except actions.Stale as error:
        data = request.POST.copy()
        data["version"] = str(error.case.version)
        fresh = _form(actor, case, entries, entry_id, data)
        return _show(request, case, fresh, status=409, conflict_text=conflict_words(error.case))
    except actions.Refused as error:
        form.add_error(FIELDS.get(error.code), refusal(error))
        return _show(request, case, form, status=422)
    words = {"ref": made, "source": case.ref}
    return moved_on(request, place_of(actor, made), _("%(ref)s was split from %(source)s") % words)


class _TellFirstError(Exception):
    """There are people who will not see the new case, and whoever makes it was not told of all of them."""

    def __init__(self, losing: dict[int, str]) -> None:
        super().__init__()
        self.losing = losing


def _told_then_split(request: HttpRequest, actor: Actor, case: Case, form: SplitForm) -> str:
    losing = actions.losing_sight(actor=actor, case=case, entry_ids=form.cleaned_data["entries"])
    told = request.POST.get("told", "").split()
    if not {str(pk) for pk in losing} <= set(told):
        raise _TellFirstError(losing)
    return _split(actor, case, form.cleaned_data)


def _offered(actor: Actor, case: Case, entry_id: int) -> list[TimelineEntry]:
    """The message that one began with, and the newest others. Raises Http404."""
    rows = splittable(actor, case)
    asked = rows.filter(pk=entry_id).first()
    if asked is None:
        raise Http404
    newest = [one for one in rows.order_by("-at", "-id")[:MOST_CARRIED] if one.pk != entry_id]
    return sorted([asked, *newest], key=lambda one: (one.at, one.pk))


def _form(actor: Actor, case: Case, entries: list[TimelineEntry], entry_id: int, data: QueryDict | None) -> SplitForm:
    initial: dict[str, Any] = {"version": case.version, "subject": case.subject, "entries": [entry_id]}
    initial |= {"service": case.service_id, "issue_type": case.issue_type_id}
    initial |= {"impact": case.impact, "urgency": case.urgency, "signals": case.signals}
    if case.severity_overridden:
        initial["override"] = case.severity
    return SplitForm(
        data,
        entries=[(line.entry.pk, _label(line)) for line in queries.entry_lines(entries)],
        services=[(one.pk, one.label) for one in queries.raisable_services(actor)],
        issue_types=issue_groups(queries.issue_choices()),
        initial=initial,
    )


def _label(line: queries.EntryLine) -> str:
    who = line.entry.actor.name if line.entry.actor else line.sentence
    if line.entry.direction == Direction.INBOUND:
        # Their words, whoever wrote them down.
        who = str(Direction.INBOUND.label)
    return f"{time_text(line.entry.at, 'full')} · {who} · {Truncator(line.text).chars(120)}"


def _show(
    request: HttpRequest,
    case: Case,
    form: SplitForm,
    *,
    status: int = 200,
    conflict_text: str = "",
    losing: dict[int, str] | None = None,
) -> HttpResponse:
    preview = f"{reverse('escalations:severity-preview')}?{urlencode({'service': case.service_id})}"
    context = {
        "case": case,
        "case_url": case_url(case),
        "form": form,
        "preview_url": preview,
        "conflict_text": conflict_text,
        "losing": listed((losing or {}).values()),
        "told": " ".join(map(str, losing or ())),
    }
    return render(request, "escalations/case_split.html", context, status=status)


def _split(actor: Actor, case: Case, data: dict[str, Any]) -> str:
    part = actions.Part(
        subject=data["subject"],
        service_id=data["service"],
        issue_type_id=data["issue_type"],
        impact=data["impact"],
        urgency=data["urgency"],
        signals=data["signals"],
        severity_override=data["override"],
        override_reason=data["override_reason"],
    )
    made = actions.split(
        actor=actor, ref=case.pk, entry_ids=data["entries"], part=part, expected_version=data["version"]
    )
    return made.ref
