"""Deadlines by law of a case: what is owed, how it was counted, recording what was sent, taking the mark away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from escalations import access, actions, queries, rules
from escalations.choices import Channel, Outcome
from escalations.choices.mail import NOT_ARRIVED, Delivery
from escalations.choices.statutory import RESPONSE_FILES
from escalations.forms.statutory import AnswerForm, LiftForm, RegulateForm
from escalations.queries import statutory as law
from escalations.views.common import case_reader, case_url, moved_on, refusal
from escalations.views.operation import Context, Done
from portal.accounts.requests import actor_of
from portal.files.queries import files_of
from portal.ui.times import placed_text, time_text
from sla import queries as clocks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from escalations.models import Case, Regulation, StatutoryResponse, TimelineEntry
    from escalations.queries.statutory import Standing

_FIELDS = {
    "not_owed": "duties",
    "in_future": "sent_at",
    "before_received": "sent_at",
    "evidence_needed": "file",
}


# -- marking a case, one of its operations


def regulate_form(context: Context, data: QueryDict | None) -> forms.Form:
    """Under whose law, and when it came."""
    rows = list(law.live_jurisdictions())
    zones = law.zones_of(rows)
    offered = [(one.pk, one.label, zones[one.calendar_id]) for one in rows]
    return RegulateForm(data, offered=offered, initial={"version": context.case.version})


def run_regulate(context: Context, form: forms.Form) -> Done:
    """Mark it."""
    data = form.cleaned_data
    actions.regulate(
        actor=context.actor,
        ref=context.case.pk,
        jurisdiction_id=data["jurisdiction"],
        received_at=data["received_at"],
        complaint_ref=data["complaint_ref"],
        expected_version=data["version"],
    )
    return Done(_("%(ref)s is a regulated complaint. Its deadlines run.") % {"ref": context.case.ref})


# -- the page


@require_safe
@case_reader
def deadlines(request: HttpRequest, ref: str) -> HttpResponseBase:
    """What the law waits for."""
    return _show(request, access.get_case_inside(actor_of(request), ref))


@require_http_methods(["GET", "HEAD", "POST"])
@case_reader
def deadline_answer(request: HttpRequest, ref: str) -> HttpResponseBase:
    """Record what was sent. A refused form leaves this address in the browser; opened again, it leads to the page."""
    case, actor = access.get_case_inside(actor_of(request), ref), actor_of(request)
    if request.method != "POST":
        return redirect("escalations:case-deadlines", case.ref)
    _permit(rules.can_answer_by_law(actor, queries.facts_of(actor, case)))
    standings = law.standings_of(actor, case)
    form = _answer_form(request, case, standings, data=True)
    if not form.is_valid():
        return _show(request, case, answer=form, status=422)
    data = form.cleaned_data
    try:
        actions.answer_by_law(
            actor=actor,
            ref=case.pk,
            duties=data["duties"],
            contact_id=data["contact"],
            sent_at=data["sent_at"],
            sent_by=data["sent_by"],
            channel=data["channel"],
            text=data["text"],
            upload=data["file"],
        )
    except actions.Refused as error:
        form.add_error(_FIELDS.get(error.code), refusal(error))
    except ValidationError as error:
        form.add_error("file", error)
    else:
        return moved_on(request, reverse("escalations:case-deadlines", args=[case.ref]), _("Answer recorded"))
    return _show(request, case, answer=form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@case_reader
def deadline_lift(request: HttpRequest, ref: str) -> HttpResponseBase:
    """It was no regulated complaint."""
    case, actor = access.get_case_inside(actor_of(request), ref), actor_of(request)
    if request.method != "POST":
        return redirect("escalations:case-deadlines", case.ref)
    _permit(rules.can_lift(actor, queries.facts_of(actor, case)))
    form = _lift_form(law.regulations_of(actor, case), request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            actions.lift_regulation(actor=actor, ref=case.pk, regulation_id=data["regulation"], reason=data["reason"])
        except actions.Refused as error:
            form.add_error(None, refusal(error))
        else:
            return moved_on(request, case_url(case), _lifted_text(case))
    return _show(request, case, lift=form, status=422)


def _lift_form(regulations: Sequence[Regulation], data: QueryDict | None = None) -> LiftForm:
    zones = law.zones_of([one.jurisdiction for one in regulations]) if regulations else {}
    offered = [(one.pk, _complaint_text(one, zones[one.jurisdiction.calendar_id])) for one in regulations]
    return LiftForm(data, offered=offered)


def _complaint_text(one: Regulation, zone: str) -> str:
    parts = [f"EC-{one.case_id}", one.jurisdiction.label, placed_text(one.received_at, zone), one.complaint_ref]
    return " · ".join(part for part in parts if part)


def _lifted_text(case: Case) -> str:
    if law.owed(case.pk):
        return _("%(ref)s: the mark is taken away. What the law asks for another complaint runs on.") % {
            "ref": case.ref
        }
    return _("%(ref)s: deadlines by law ended") % {"ref": case.ref}


def _permit(verdict: rules.Verdict) -> None:
    """A merged case goes on elsewhere: the action says so, at the form."""
    if isinstance(verdict, rules.Denied) and verdict.code != "merged":
        raise PermissionDenied


def _show(
    request: HttpRequest,
    case: Case,
    *,
    answer: AnswerForm | None = None,
    lift: LiftForm | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = actor_of(request)
    facts = queries.facts_of(actor, case)
    standings, regulations = law.standings_of(actor, case), law.regulations_of(actor, case)
    zones = law.zones_of([one.jurisdiction for one in regulations]) if regulations else {}
    owes = any(one.clock.is_open for one in standings)
    if owes and answer is None and rules.can_answer_by_law(actor, facts).ok:
        answer = _answer_form(request, case, standings)
    if lift is None and regulations and rules.can_lift(actor, facts).ok:
        lift = _lift_form(regulations)
    context = {
        "case": case,
        "case_url": case_url(case),
        "regulations": [(one, zones[one.jurisdiction.calendar_id]) for one in regulations],
        "lines": _lines(case, standings),
        "answer_form": answer,
        "lift_form": lift,
        "regulate_url": _regulate_url(actor, case, facts, standings, regulations),
    }
    return render(request, "escalations/case_deadlines.html", context, status=status)


def _regulate_url(actor: Any, case: Case, facts: rules.Facts, standings: list[Standing], known: list[Any]) -> str:
    owed = any(one.clock.is_open for one in standings)
    if owed or any(one.case_id == case.pk for one in known) or not rules.can_regulate(actor, facts).ok:
        return ""
    return reverse("escalations:case-regulate", args=[case.ref])


def _lines(case: Case, standings: list[Standing]) -> list[dict[str, Any]]:
    said = {one.clock.id: one.response or one.lost for one in standings}
    shown = files_of(RESPONSE_FILES, [one.entry_id for one in said.values() if one])
    now = timezone.now()
    return [
        {
            "clock": one.clock,
            "pill": clocks.pill(one.clock, now),
            "zone": law.zone_of(one),
            "term": law.term_text(one.deadline.term) if one.deadline else "",
            "law": one.deadline.term.law if one.deadline else "",
            "link": one.deadline.term.link if one.deadline else "",
            "response": (response := said[one.clock.id]),
            "how": str(Channel(response.channel).label) if response else "",
            "lost": _lost(response),
            "again": one.lost is not None,
            "went": _went(one.lost),
            "files": shown.get(str(response.entry_id), ()) if response else (),
            "explain_url": reverse("sla:clock", args=[one.clock.id]),
        }
        for one in standings
    ]


def _lost(response: StatutoryResponse | None) -> str:
    """What became of the mail that was named as an answer, if it did not arrive after all."""
    mail = getattr(response.contact, "mail_out", None) if response else None
    return str(Delivery(mail.state).label) if mail is not None and mail.state in NOT_ARRIVED else ""


def _went(lost: StatutoryResponse | None) -> bool:
    """Whether a mail that had got lost went after all, and did not meet what runs."""
    mail = getattr(lost.contact, "mail_out", None) if lost else None
    return mail is not None and mail.state == Delivery.SENT


def _answer_form(request: HttpRequest, case: Case, standings: list[Standing], *, data: bool = False) -> AnswerForm:
    owed = [(one.clock.metric, one.clock.label) for one in standings if one.clock.is_open]
    zones = [zone for zone in map(law.zone_of, standings) if zone]
    return AnswerForm(
        *((request.POST, request.FILES) if data else ()),
        owed=owed,
        contacts=[(one.pk, _contact_text(one)) for one in law.contacts_to_name(actor_of(request), case)],
        zone=ZoneInfo(zones[0] if zones else timezone.get_current_timezone_name()),
    )


def _contact_text(entry: TimelineEntry) -> str:
    by = entry.actor.name if entry.actor else _("the portal")
    came = str(Outcome(entry.outcome).label) if entry.outcome in Outcome.values else ""
    words = {"channel": Channel(entry.channel).label, "time": time_text(law.counts_from(entry), "full"), "name": by}
    told = _("%(channel)s, %(time)s, %(name)s") % words
    return f"{told} · {came}" if came else told
