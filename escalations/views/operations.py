"""What can be done to one case: each with its button, its form and its action."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from escalations import actions, queries
from escalations.choices import Sensitivity, State
from escalations.forms import (
    AssignForm,
    DetailsForm,
    EscalateForm,
    SensitivityForm,
    ServiceChangeForm,
    SeverityForm,
    StateForm,
    issue_groups,
)
from escalations.forms.base import set_choices
from escalations.queries.people import owners_for
from escalations.views.evidence import pack_form, run_pack
from escalations.views.fact_kinds import card_form, fact_form, keep_card, record_fact
from escalations.views.giving import give_form, run_give
from escalations.views.handing_forms import ask_form, offer_form, run_ask, run_offer
from escalations.views.link_form import link_form, run_link
from escalations.views.macro_run import macro_form, run_macro
from escalations.views.mail_form import mail_form, run_mail
from escalations.views.merging import merge_form, run_merge
from escalations.views.namesakes import with_loads
from escalations.views.operation import Button, Context, Done, Kind
from escalations.views.replying import contact_form, log_contact
from escalations.views.statutory import regulate_form, run_regulate


def _version(context: Context) -> dict[str, Any]:
    return {"version": context.case.version}


def _do(action: Callable[..., actions.Outcome], context: Context, data: dict[str, Any], **said: Any) -> actions.Outcome:
    """Do what the form says to the case, unless it has moved on since."""
    return action(actor=context.actor, ref=context.case.pk, expected_version=data["version"], **said)


# -- assign


def _assign_form(context: Context, data: QueryDict | None) -> forms.Form:
    actor, case, rights = context.actor, context.case, context.rights
    owners = owners_for(actor, {case.pk: case}, timezone.now())
    if not rights.assign:
        owners = [one for one in owners if one.id == actor.user_id and rights.take]
    if data is None:
        owners = [one for one in owners if one.id != case.owner_id]
    # What is sent is judged by the action, whoever owns the case by then.
    nobody = data is not None or case.owner_id is not None
    alone = owners[0].id if len(owners) == 1 and not rights.assign else None
    return AssignForm(data, owners=with_loads(owners), nobody=nobody, initial={**_version(context), "owner": alone})


def _assign(context: Context, form: forms.Form) -> Done:
    data = form.cleaned_data
    outcome = _do(actions.assign, context, data, owner_id=data["owner"], note=data["note"])
    owner = queries.names_of([outcome.case.owner_id])
    words = {"ref": outcome.case.ref, "name": next(iter(owner.values()), "")}
    text = _now("%(ref)s assigned to %(name)s") if owner else _now("%(ref)s is unassigned")
    return Done(text % words, outcome.undo)


# -- severity


def _severity_form(context: Context, data: QueryDict | None) -> forms.Form:
    case = context.case
    initial = {"impact": case.impact, "urgency": case.urgency, "signals": case.signals, **_version(context)}
    if case.severity_overridden:
        initial["override"] = case.severity
    return SeverityForm(data, initial=initial)


def _set_severity(context: Context, form: forms.Form) -> Done:
    data = form.cleaned_data
    outcome = _do(
        actions.set_severity,
        context,
        data,
        impact=data["impact"],
        urgency=data["urgency"],
        signals=data["signals"],
        override=data["override"],
        reason=data["override_reason"],
    )
    words = {"ref": outcome.case.ref, "n": outcome.case.severity}
    return Done(_now("%(ref)s is S%(n)d. Its clocks were computed anew.") % words, outcome.undo)


# -- state


def _state_form(context: Context, data: QueryDict | None) -> forms.Form:
    verbs = context.rights.verbs
    return StateForm(data, verbs=verbs, initial=_version(context))


def _set_state(context: Context, form: forms.Form) -> Done:
    data = form.cleaned_data
    outcome = _do(
        actions.set_state, context, data, verb=data["verb"], reason=data["reason"], reject_reason=data["reject_reason"]
    )
    words = {"ref": outcome.case.ref, "state": outcome.case.get_state_display()}
    return Done(_now("%(ref)s: %(state)s") % words, outcome.undo)


# -- the rest


def _escalate_form(context: Context, data: QueryDict | None) -> forms.Form:
    return EscalateForm(data, initial=_version(context))


def _escalate(context: Context, form: forms.Form) -> Done:
    data = form.cleaned_data
    _do(actions.escalate, context, data, reason=data["reason"])
    return Done(_now("%(ref)s escalated. The next level has been told.") % {"ref": context.case.ref})


def _details_form(context: Context, data: QueryDict | None) -> forms.Form:
    case = context.case
    groups = issue_groups(queries.issue_choices())
    if case.issue_type and case.issue_type.archived_at:
        groups.append((_now("Archived"), [(case.issue_type.pk, " › ".join(queries.path_of(case.issue_type)))]))
    initial = {"subject": case.subject, "issue_type": case.issue_type_id}
    initial |= {"customer_ref": case.customer_ref, "contact_hint": case.contact_hint, **_version(context)}
    return DetailsForm(data, issue_types=groups, initial=initial)


def _change_details(context: Context, form: forms.Form) -> Done:
    data = form.cleaned_data
    _do(
        actions.change_details,
        context,
        data,
        subject=data["subject"],
        issue_type_id=data["issue_type"],
        customer_ref=data["customer_ref"],
        contact_hint=data["contact_hint"],
    )
    return Done(_now("Details saved"))


def _service_form(context: Context, data: QueryDict | None) -> forms.Form:
    rows = queries.live_services(context.actor).exclude(pk=context.case.service_id)
    services = [("", _now("Choose")), *((one.pk, one.label) for one in rows)]
    return ServiceChangeForm(data, services=services, initial=_version(context))


def _change_service(context: Context, form: forms.Form) -> Done:
    data = form.cleaned_data
    _do(actions.change_service, context, data, service_id=data["service"], reason=data["reason"])
    return Done(_now("%(ref)s handed over") % {"ref": context.case.ref})


def _sensitivity_form(context: Context, data: QueryDict | None) -> forms.Form:
    case = context.case
    form = SensitivityForm(data, initial={"sensitivity": case.sensitivity, **_version(context)})
    offered = {case.sensitivity, *context.rights.sensitivities}
    set_choices(form, "sensitivity", [(value, label) for value, label in Sensitivity.choices if value in offered])
    if case.sensitivity == Sensitivity.RESTRICTED:
        form.fields["sensitivity"].help_text = _now(
            "A lower one ends the access that people were given. If the case is restricted again, they are let in anew."
        )
    elif case.state == State.MERGED:
        form.fields["sensitivity"].help_text = _now(
            "Where this case is more protected than the one it was merged into, mail and chats that answer it make a case of "
            "their own."
        )
    return form


def _set_sensitivity(context: Context, form: forms.Form) -> Done:
    data = form.cleaned_data
    _do(actions.set_sensitivity, context, data, sensitivity=data["sensitivity"], reason=data["reason"])
    return Done(_now("%(ref)s: sensitivity changed") % {"ref": context.case.ref})


KINDS = (
    Kind(
        "assign", _("Assign"), _("Assign %(ref)s"), _("Assign"), "user",
        lambda rights: rights.assign or rights.take or rights.give_back, _assign_form, _assign, "a", in_head=True,
    ),
    Kind(
        "give", _("Give to whoever is free"), _("Give %(ref)s to whoever is free"), _("Give it"), "users",
        lambda rights: rights.assign, give_form, run_give,
        intro=_("Whoever of the service is on duty, takes such cases and has the least to do."),
    ),
    Kind(
        "severity", _("Severity"), _("Severity of %(ref)s"), _("Set severity"), "flag",
        lambda rights: rights.severity, _severity_form, _set_severity, "s", in_head=True,
    ),
    Kind(
        "state", _("State"), _("State of %(ref)s"), _("Change state"), "swap",
        lambda rights: bool(rights.verbs), _state_form, _set_state, "t", in_head=True,
    ),
    Kind(
        "contact", _("Log a contact"), _("Log a contact on %(ref)s"), _("Log contact"), "phone",
        lambda rights: rights.contact, contact_form, log_contact, "r",
        _("A contact with the customer stops the reply clock; a message from them starts it."), placed=True,
    ),
    Kind(
        "fact", _("Add a fact"), _("What is known of %(ref)s"), _("Add a fact"), "plus",
        lambda rights: rights.fact, fact_form, record_fact, "f",
        _("For colleagues only. What stands here is not asked again."), placed=True,
    ),
    Kind(
        "card", _("Edit card"), _("How to be in touch about %(ref)s"), _("Save"), "edit",
        lambda rights: rights.fact, card_form, keep_card,
        intro=_("For colleagues only. Everybody who writes to them reads this first."), placed=True,
    ),
    Kind(
        "mail", _("Reply by e-mail"), _("E-mail on %(ref)s"), _("Send e-mail"), "reply",
        lambda rights: rights.mail, mail_form, run_mail,
        intro=_("It goes out from the service’s mailbox and stops the reply clock."), placed=True,
    ),
    Kind(
        "escalate", _("Escalate"), _("Escalate %(ref)s"), _("Escalate"), "esc",
        lambda rights: rights.escalate, _escalate_form, _escalate, "e", in_head=True,
        intro=_("Goes to the next level of the service’s policy at once."),
    ),
    Kind(
        "macro", _("Run a macro"), _("Run a macro on %(ref)s"), _("Do all of it"), "hour",
        lambda rights: rights.contact, macro_form, run_macro, "m",
        _("Several acts under one name: all of them are done, or none."),
    ),
    Kind(
        "details", _("Edit details"), _("Details of %(ref)s"), _("Save"), "edit",
        lambda rights: rights.details, _details_form, _change_details,
    ),
    Kind(
        "handover", _("Offer a hand-over"), _("Offer a hand-over of %(ref)s"), _("Offer it"), "swap",
        lambda rights: rights.offer, offer_form, run_offer,
        intro=_("The case stays with its owner until the other accepts. They read this first."),
    ),
    Kind(
        "consult", _("Ask a colleague"), _("Ask about %(ref)s"), _("Ask"), "users",
        lambda rights: rights.ask, ask_form, run_ask,
        intro=_("The case stays yours. The answer stands in the activity, for colleagues only."),
    ),
    Kind(
        "service", _("Hand over to a service"), _("Hand %(ref)s over"), _("Hand over"), "right",
        lambda rights: rights.service, _service_form, _change_service,
        intro=_("Clocks are computed anew by the other service’s policy, from the original start."),
    ),
    Kind(
        "merge", _("Merge into another case"), _("Merge %(ref)s into another case"), _("Merge for good"), "link",
        lambda rights: rights.merge, merge_form, run_merge,
        intro=_("When two cases are one matter: this one ends and points to the other, which goes on."), danger=True,
    ),
    Kind(
        "regulate", _("Mark as regulated"), _("Mark %(ref)s as a regulated complaint"), _("Start its deadlines"), "flag",
        lambda rights: rights.regulate, regulate_form, run_regulate,
        intro=_("The law then gives a time for each answer. Nothing pauses or moves it; only the recorded answer stops it."),
    ),
    Kind(
        "link", _("Link to another case"), _("Link %(ref)s to another case"), _("Link"), "link",
        lambda rights: rights.contact, link_form, run_link, "l",
        _("Both cases go on, and each says so of the other to those who may see both."),
    ),
    Kind(
        "pack", _("Evidence pack"), _("Evidence pack of %(ref)s"), _("Have it made"), "clip",
        lambda rights: rights.pack, pack_form, run_pack,
        intro=_("An archive of everything that you may see of the case: activity, clocks, messages and files, with a list of hashes."),
    ),
    Kind(
        "sensitivity", _("Sensitivity"), _("Sensitivity of %(ref)s"), _("Set sensitivity"), "lock",
        lambda rights: bool(rights.sensitivities), _sensitivity_form, _set_sensitivity,
        intro=_("Confidential: members of the service only. Restricted: people with a grant only."),
    ),
)  # fmt: skip
BY_KEY = {kind.key: kind for kind in KINDS}


def buttons_for(context: Context) -> list[Button]:
    """The operations that the actor may use on this case now."""
    return [Button(kind, context.case.ref) for kind in KINDS if kind.may(context.rights)]


def pick(buttons: Iterable[Button], key: str) -> Button | None:
    """One of them by its key."""
    return next((button for button in buttons if button.kind.key == key), None)
