"""Offering a case and asking about it, as operations of its page."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from escalations import actions, queries
from escalations.choices.statutory import metric_label
from escalations.forms.handing import AskForm, OfferForm
from escalations.queries import consults, handing
from escalations.views.namesakes import told_apart
from escalations.views.operation import Context, Done
from portal.ui.times import time_text

if TYPE_CHECKING:
    from django import forms
    from django.http import QueryDict

# What is proposed as the time for an answer.
_USUAL: Final = timedelta(hours=4)


def offer_form(context: Context, data: QueryDict | None) -> forms.Form:
    """Whom it may be offered to, with what they have, and what can be said of it beforehand."""
    case = context.case
    takers = handing.takers(context.actor, case)
    names = told_apart((one.pk, one.name) for one in takers)
    people = [(one.pk, _with_duty(one, names[one.pk])) for one in takers]
    services = [(one.pk, one.label) for one in handing.services_to_offer(case)]
    return OfferForm(data, people=people, services=services, draft=_draft(context) if data is None else None)


def _with_duty(one: handing.Taker, name: str) -> str:
    words = {"name": name, "n": one.open_cases}
    text = ngettext("%(name)s (%(n)d open)", "%(name)s (%(n)d open)", one.open_cases) % words
    if one.member is None:
        return text
    has = one.member.candidate
    load = _("load %(load)d of %(cap)d") if has.cap is not None else _("load %(load)d")
    duty = _("on duty") if has.on_duty else _("not on duty")
    return " · ".join([text, load % {"load": one.member.load, "cap": has.cap}, duty])


def _draft(context: Context) -> dict[str, str]:
    found = handing.draft_of(context.case)
    zone = timezone.get_current_timezone_name()
    promised = [
        _("%(metric)s by %(time)s (%(zone)s)")
        % {"metric": metric_label(metric), "time": time_text(due, "full"), "zone": zone}
        for metric, due in found.promised
    ]
    return {"done": "\n".join(found.done), "open": "\n".join(found.open), "promised": "\n".join(promised)}


def run_offer(context: Context, form: forms.Form) -> Done:
    """Offer it; the page of the offer shows what the other reads."""
    if not isinstance(form, OfferForm):
        raise TypeError("another form")
    made = actions.offer_handover(
        actor=context.actor,
        ref=context.case.pk,
        summary=form.summary,
        nothing=form.nothing,
        user_id=form.user_id,
        service_id=form.service_id,
    )
    text = _("%(ref)s is offered. It stays as it is until they accept.") % {"ref": context.case.ref}
    return Done(text, go_to=reverse("escalations:handover", args=[made.pk]))


def ask_form(context: Context, data: QueryDict | None) -> forms.Form:
    """Whom one may ask."""
    people = told_apart(consults.people_to_ask(context.actor, context.case)).items()
    soon = timezone.localtime(timezone.now() + _USUAL).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    return AskForm(data, people=people, initial={"due_at": soon})


def run_ask(context: Context, form: forms.Form) -> Done:
    """Ask; back to the case."""
    data = form.cleaned_data
    made = actions.ask_colleague(
        actor=context.actor,
        ref=context.case.pk,
        user_id=data["person"],
        question=data["question"],
        due_at=data["due_at"],
    )
    name = next(iter(queries.names_of([made.to_user_id]).values()), "")
    go_to = reverse("escalations:consult", args=[made.pk])
    return Done(_("%(name)s was asked about %(ref)s") % {"name": name, "ref": context.case.ref}, go_to=go_to)
