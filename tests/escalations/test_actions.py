"""What each action writes, and whom it refuses."""

import contextlib
from typing import Any

import pytest
from django.db import transaction
from django.http import Http404
from django.utils import timezone

from escalations import queries, rules, transitions
from escalations.actions import (
    Refused,
    add_note,
    assign,
    change_details,
    change_service,
    create_case,
    escalate,
    log_contact,
    set_sensitivity,
    set_severity,
    set_state,
    watch,
)
from escalations.choices import State, Verb
from escalations.models import Case, Service
from partners.models import Site
from portal.accounts.rules import SYSTEM, Actor
from tests.escalations.case_roles import OUTSIDE, ROLES, TRIAGERS, WORKERS, in_role, put
from tests.factories.escalations import (
    CaseFactory,
    ServiceFactory,
    associate,
    coordinator,
    person,
)

pytestmark = pytest.mark.django_db


GUARDED = {"may_work": WORKERS, "may_triage": TRIAGERS, "may_reopen": WORKERS, "may_resolve": WORKERS}


@pytest.mark.parametrize("role", sorted(ROLES | OUTSIDE))
def test_every_state_and_verb(role: str, service: Service, site: Site) -> None:
    someone = in_role(role, service, site)
    raised = create_case(
        actor=someone if role == "partner_agent" else SYSTEM, service_id=service.pk, site_id=site.pk, subject="X"
    )
    case = Case.objects.get(pk=raised.pk)
    for state in State:
        put(case, state)
        for verb in Verb:
            step = transitions.step(state, verb)
            version = Case.objects.get(pk=case.pk).version
            expected = "404" if role in OUTSIDE else "not_possible" if step is None else "not_your_role"
            if step and role in GUARDED[step.guard]:
                expected = step.to
            assert attempt(someone, case, verb) == expected, (state, verb)
            fresh = Case.objects.get(pk=case.pk)
            if fresh.version != version:
                put(case, state)
            else:
                assert fresh.state == state


def attempt(someone: Actor, case: Case, verb: str) -> str:
    """The new state, or the code of the refusal."""
    try:
        return str(set_state(actor=someone, ref=case.ref, verb=verb, reject_reason="spam").case.state)
    except Http404:
        return "404"
    except Refused as no:
        return no.code


@pytest.mark.parametrize("role", sorted(ROLES))
def test_buttons_are_what_the_action_allows(role: str, service: Service, site: Site) -> None:
    someone = in_role(role, service, site)
    case = CaseFactory(actor=someone if role == "partner_agent" else SYSTEM, service=service, site=site)
    offered = {}
    for state in State:
        case.state = state
        case.resolved_at = timezone.now() if state in ("resolved", "closed") else None
        offered[state.value] = set(queries.case_rights(someone, case, timezone.now()).verbs)
    assert offered == {
        state: {verb for verb, step in verbs.items() if role in GUARDED[step.guard]}
        for state, verbs in transitions.TRANSITIONS.items()
    }


def test_a_verb_that_nobody_knows_is_refused(service: Service, site: Site) -> None:
    case = CaseFactory(service=service, site=site)
    assert attempt(coordinator(site), case, "explode") == "not_possible"


# -- who may do the rest

Act = dict[str, Any]


def acts(case: Case, other: Service, owner: int, clock: int = 0) -> dict[str, Any]:
    """Every action that works a case, ready to be tried."""
    ref = case.ref
    return {
        "assign": lambda a: assign(actor=a, ref=ref, owner_id=owner),
        "severity": lambda a: set_severity(actor=a, ref=ref, impact="money", urgency="now"),
        "internal note": lambda a: add_note(actor=a, ref=ref, text="Note", shared=False),
        "shared note": lambda a: add_note(actor=a, ref=ref, text="Note", shared=True),
        "contact": lambda a: log_contact(
            actor=a, ref=ref, channel="phone", direction="out", outcome="reached", text="Said"
        ),
        "service": lambda a: change_service(actor=a, ref=ref, service_id=other.pk),
        "confidential": lambda a: set_sensitivity(actor=a, ref=ref, sensitivity="confidential"),
        "details": lambda a: change_details(actor=a, ref=ref, subject="Corrected"),
        "escalate": lambda a: escalate(actor=a, ref=ref, reason="Stuck"),
        "watch": lambda a: watch(actor=a, ref=ref),
    }


WORK = {
    "severity",
    "internal note",
    "shared note",
    "contact",
    "service",
    "confidential",
    "details",
    "escalate",
    "watch",
}


ALLOWED = {
    "coordinator": WORK | {"assign"},
    "partner_manager": WORK | {"assign"},
    "lead": WORK | {"assign"},
    "associate": WORK,
    "partner_lead": {"shared note", "watch"},
    "partner_qa": {"shared note", "watch"},
    "partner_agent": {"shared note", "watch"},
    "auditor": set(),
    "administrator": set(),
}


@pytest.mark.parametrize("role", sorted(ALLOWED))
def test_who_may_do_what(role: str, service: Service, site: Site) -> None:
    someone, owner = in_role(role, service, site), associate(service).user_id or 0
    case = CaseFactory(actor=someone if role == "partner_agent" else SYSTEM, service=service, site=site)
    done = set()
    for name, act in acts(case, ServiceFactory(), owner).items():
        with transaction.atomic():
            with contextlib.suppress(Refused):
                act(someone)
                done.add(name)
            transaction.set_rollback(True)
    assert done == ALLOWED[role]


@pytest.mark.parametrize("role", sorted(OUTSIDE))
def test_to_outsiders_the_case_does_not_exist(role: str, service: Service, site: Site) -> None:
    someone, case = in_role(role, service, site), CaseFactory(service=service, site=site)
    for act in acts(case, ServiceFactory(), 1).values():
        with pytest.raises(Http404):
            act(someone)
    assert case.entries.count() == 1


def test_associates_take_and_give_back_and_leave_the_rest_to_their_lead(service: Service, site: Site) -> None:
    one, other = associate(service), associate(service)
    case = CaseFactory(service=service, site=site)
    assign(actor=one, ref=case.ref, owner_id=one.user_id)
    with pytest.raises(Refused):
        assign(actor=other, ref=case.ref, owner_id=other.user_id)
    with pytest.raises(Refused):
        assign(actor=one, ref=case.ref, owner_id=other.user_id)
    assert assign(actor=one, ref=case.ref, owner_id=None).case.owner_id is None


def test_an_owner_must_be_able_to_work_the_case(service: Service, site: Site) -> None:
    case = CaseFactory(service=service, site=site, sensitivity="confidential")
    lead = associate(service, lead=True)
    stranger = associate(ServiceFactory())
    gone = person("associate", service=service)
    gone.is_active = False
    gone.save()
    for nobody in (stranger.user_id, coordinator(site).user_id, gone.pk, 10**12, person("auditor").pk):
        with pytest.raises(Refused) as refused:
            assign(actor=lead, ref=case.ref, owner_id=nobody)
        assert refused.value.code == "owner_cannot_work"


def test_whoever_cannot_work_it_any_more_loses_the_case(service: Service, site: Site) -> None:
    here, boss = coordinator(site), associate(service, lead=True)
    case = CaseFactory(service=service, site=site, owner=here.user_id)
    outcome = set_sensitivity(actor=boss, ref=case.ref, sensitivity="confidential")
    assert outcome.case.owner_id is None
    mine = CaseFactory(service=service, site=site, owner=boss.user_id)
    assert change_service(actor=here, ref=mine.ref, service_id=ServiceFactory().pk).case.owner_id is None


def test_the_pure_table_and_guards_fit() -> None:
    guards = {step.guard for verbs in transitions.TRANSITIONS.values() for step in verbs.values()}
    assert guards == set(rules.GUARDS)
    assert set(transitions.TRANSITIONS) == set(State.values)
    assert {verb for verbs in transitions.TRANSITIONS.values() for verb in verbs} == set(Verb.values)
