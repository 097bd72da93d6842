"""What each action writes, and whom it refuses."""

import contextlib
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.utils import timezone

from escalations import queries, rules, transitions
from escalations.actions import (
    Refused,
    Stale,
    add_note,
    assign,
    break_glass,
    bulk,
    change_details,
    change_service,
    create_case,
    escalate,
    grant_access,
    log_contact,
    record_view,
    redact_entry,
    review_break_glass,
    revoke_grant,
    set_sensitivity,
    set_severity,
    set_state,
    unwatch,
    watch,
)
from escalations.choices import State, Verb
from escalations.models import Case, EntryBody, Service, TimelineEntry
from partners.models import Site
from portal.accounts.models import Delegation
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM, Actor
from portal.audit.models import AuditEntry
from portal.notifications.models import OutboxRow
from tests.factories.escalations import (
    CaseFactory,
    IssueTypeFactory,
    ServiceFactory,
    actor,
    associate,
    coordinator,
    hold,
    person,
)
from tests.factories.partners import SiteFactory

pytestmark = pytest.mark.django_db

# -- the state machine, whole: every state x verb x role

WORKERS = {"coordinator", "partner_manager", "associate", "lead"}
TRIAGERS = {"coordinator", "partner_manager", "lead"}
GUARDED = {"may_work": WORKERS, "may_triage": TRIAGERS, "may_reopen": WORKERS}
ROLES = WORKERS | {"partner_lead", "partner_qa", "partner_agent", "auditor", "administrator"}
OUTSIDE = {"it_fulfilment", "foreign coordinator", "foreign associate", "foreign partner_lead"}


def in_role(role: str, service: Service, site: Site) -> Actor:
    """Somebody in a role that sees the case, or nearly."""
    here = role.removeprefix("foreign ")
    if role != here:
        service, site = ServiceFactory(), SiteFactory()
    if here in ("associate", "lead"):
        return associate(service, lead=here == "lead")
    return actor(here, **({} if here in ("auditor", "administrator", "it_fulfilment") else {"site": site}))


def put(case: Case, state: str) -> None:
    """Set a state behind the actions' back, as consistent as the database asks."""
    columns: dict[str, Any] = {"state": state, "reject_reason": "", "merged_into": None}
    columns["resolved_at"] = timezone.now() if state in ("resolved", "closed") else None
    if state == "rejected":
        columns["reject_reason"] = "spam"
    if state == "merged":
        columns["merged_into"] = CaseFactory(service=case.service, site=case.site)
    Case.objects.filter(pk=case.pk).update(**columns)


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


# -- what is written


def test_opening_leaves_an_entry_a_body_and_a_trail(service: Service, site: Site) -> None:
    someone = coordinator(site)
    case = create_case(
        actor=someone,
        service_id=service.pk,
        site_id=site.pk,
        subject="  Guest\x00 locked out ",
        description="Since noon",
        impact="people",
        urgency="now",
        issue_type_id=IssueTypeFactory().pk,
    )
    entry = case.entries.get()
    assert (case.pk > 10000, case.subject, case.severity) == (True, "Guest locked out", 1)
    assert (entry.code, entry.is_internal, entry.actor_id, entry.body.text) == (
        "opened",
        False,
        someone.user_id,
        "Since noon",
    )
    trail = AuditEntry.objects.get(subject_type="case", subject_id=case.pk)
    assert (trail.verb, trail.actor_id) == ("case.opened", someone.user_id)
    assert "Guest" not in str(trail.changes)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"subject": " \x00 "}, "subject_needed"),
        ({"subject": "x" * 201}, "text_too_long"),
        ({"description": "x" * 20_001}, "text_too_long"),
        ({"service_id": 10**15}, "unknown_service"),
        ({"site_id": 10**15}, "unknown_site"),
        ({"issue_type_id": 10**15}, "unknown_issue"),
        ({"channel": "smoke"}, "unknown_value"),
        ({"impact": "people"}, "unknown_value"),
        ({"impact": "x", "urgency": "now"}, "unknown_value"),
        ({"signals": ["x"]}, "unknown_value"),
        ({"severity_override": 5, "override_reason": "x"}, "unknown_value"),
        ({"severity_override": 2}, "reason_needed"),
        ({"severity_override": 2, "override_reason": "x", "signals": ["press"]}, "signals_force"),
        ({"sensitivity": "secret"}, "unknown_value"),
        ({"at": timezone.now() + timedelta(days=400)}, "in_future"),
    ],
)
def test_bad_values_are_refused_and_nothing_is_written(
    wrong: dict[str, Any], code: str, service: Service, site: Site
) -> None:
    values: dict[str, Any] = {"service_id": service.pk, "site_id": site.pk, "subject": "Fine"}
    with pytest.raises(Refused) as refused:
        create_case(actor=SYSTEM, **(values | wrong))
    assert refused.value.code == code
    assert str(refused.value)
    assert not Case.objects.exists()


def test_severity_by_matrix_signals_and_override(service: Service, site: Site) -> None:
    someone, case = coordinator(site), CaseFactory(service=service, site=site)
    change = {"actor": someone, "ref": case.ref}
    assert set_severity(**change, impact="money", urgency="week").case.severity == 3
    assert set_severity(**change, impact="money", urgency="week", signals=["stranded"]).case.severity == 1
    outcome = set_severity(**change, impact="money", urgency="week", override=4, reason="Ten euros")
    assert (outcome.case.severity, outcome.case.severity_overridden) == (4, True)
    line = queries.entry_lines(case.entries.filter(kind="severity"))[-1]
    assert line.sentence == "Severity S1 → S4, set by hand"
    assert case.entries.filter(code="note.reason", is_internal=True, body__text="Ten euros").exists()
    with pytest.raises(Refused):
        set_severity(**change, impact="money", urgency="week", override=4, reason="Ten euros")


def test_undo_puts_back_what_was(service: Service, site: Site) -> None:
    someone, member = coordinator(site), associate(service)
    case = CaseFactory(service=service, site=site, owner=member.user_id, severity=3)
    run = {"assign": assign, "severity": set_severity, "state": set_state}

    def undo(token: dict[str, Any] | None) -> Case:
        assert token is not None
        return run[token.pop("operation")](actor=someone, **token).case

    assert undo(assign(actor=someone, ref=case.ref, owner_id=None).undo).owner_id == member.user_id
    assert undo(set_severity(actor=someone, ref=case.ref, signals=["safety"]).undo).severity == 3
    set_state(actor=someone, ref=case.ref, verb="start")
    waiting = set_state(actor=someone, ref=case.ref, verb="wait_customer")
    assert undo(waiting.undo).state == "in_progress"
    assert set_state(actor=someone, ref=case.ref, verb="resolve").undo is None


def test_an_undo_that_comes_too_late_is_stale(service: Service, site: Site) -> None:
    someone, other = coordinator(site), coordinator(site)
    case = CaseFactory(service=service, site=site)
    token = set_severity(actor=someone, ref=case.ref, signals=["safety"]).undo or {}
    set_state(actor=other, ref=case.ref, verb="start")
    token.pop("operation")
    with pytest.raises(Stale):
        set_severity(actor=someone, **token)


def test_the_second_sees_what_the_first_changed(service: Service, site: Site) -> None:
    first, second = person("coordinator", site=site), coordinator(site)
    case = CaseFactory(service=service, site=site)
    read = case.version
    set_severity(actor=actor_for(first), ref=case.ref, signals=["safety"], expected_version=read)
    add_note(actor=second, ref=case.ref, text="Notes make nothing stale", shared=False)
    with pytest.raises(Stale) as stale:
        assign(actor=second, ref=case.ref, owner_id=second.user_id, expected_version=read)
    assert (stale.value.changed_by_name, stale.value.what) == (first.name, "severity.changed")
    assert stale.value.case.severity == 1
    assert Case.objects.get(pk=case.pk).owner_id is None


def test_what_a_stand_in_does_is_recorded_for_both(service: Service, site: Site) -> None:
    principal, stand_in = person("coordinator", site=site), person("associate", service=ServiceFactory())
    now = timezone.now()
    Delegation.objects.create(
        principal=principal,
        delegate=stand_in,
        created_by=principal,
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=1),
    )
    case = CaseFactory(service=service, site=site)
    set_state(actor=actor_for(stand_in), ref=case.ref, verb="triage")
    entry = case.entries.get(kind="state")
    trail = AuditEntry.objects.get(verb="case.triage")
    assert (entry.actor_id, entry.on_behalf_of_id) == (stand_in.pk, principal.pk)
    assert (trail.actor_id, trail.on_behalf_of_id) == (stand_in.pk, principal.pk)


def test_words_can_be_removed_by_their_author_or_whoever_assigns_and_only_once(service: Service, site: Site) -> None:
    author, other, boss = associate(service), associate(service), coordinator(site)
    case = CaseFactory(service=service, site=site)
    entry = add_note(actor=author, ref=case.ref, text="A name that must go", shared=False)
    with pytest.raises(Refused):
        redact_entry(actor=other, ref=case.ref, entry_id=entry.pk)
    redact_entry(actor=boss, ref=case.ref, entry_id=entry.pk)
    line = next(line for line in queries.entry_lines(case.entries.all()) if line.entry == entry)
    assert (line.text, line.redacted) == ("", True)
    with pytest.raises(Refused) as refused:
        redact_entry(actor=boss, ref=case.ref, entry_id=entry.pk)
    assert refused.value.code == "already_redacted"
    foreign = add_note(actor=SYSTEM, ref=CaseFactory(service=service, site=site).ref, text="X", shared=False)
    with pytest.raises(Http404):
        redact_entry(actor=boss, ref=case.ref, entry_id=foreign.pk)


def test_watching_twice_is_watching_once(service: Service, site: Site) -> None:
    someone, case = coordinator(site), CaseFactory(service=service, site=site)
    for _ in range(2):
        watch(actor=someone, ref=case.ref)
    assert case.watchers.count() == 1
    for _ in range(2):
        unwatch(actor=someone, ref=case.ref)
    assert case.watchers.count() == 0
    assert AuditEntry.objects.filter(verb__in=["case.watched", "case.unwatched"]).count() == 2


def test_looking_at_a_sensitive_case_is_recorded(service: Service, site: Site) -> None:
    member = associate(service)
    for level, rows in (("standard", 0), ("confidential", 1)):
        case = CaseFactory(service=service, site=site, sensitivity=level)
        record_view(actor=member, case=case)
        assert AuditEntry.objects.filter(verb="case.viewed", subject_id=case.pk).count() == rows


# -- restricted cases


def test_the_life_of_a_break_glass(service: Service, site: Site) -> None:
    member, lead, second = associate(service), associate(service, lead=True), associate(service, lead=True)
    owner = associate(service)
    case = CaseFactory(service=service, site=site, sensitivity="restricted", owner=owner.user_id)
    with pytest.raises(Refused) as refused:
        break_glass(actor=lead, ref=case.ref, reason="  ")
    assert refused.value.code == "reason_needed"
    grant = break_glass(actor=lead, ref=case.ref, reason="Police on the line")
    with pytest.raises(Refused):
        break_glass(actor=lead, ref=case.ref, reason="Again")
    assert OutboxRow.objects.get(topic="fanout", payload__kind="case.break_glass").payload["case"] == case.pk
    assert [g.pk for g in queries.break_glass_reviews(second)] == [grant.pk]
    assert not queries.break_glass_reviews(lead).exists()
    with pytest.raises(Http404):
        review_break_glass(actor=member, grant_id=grant.pk, upheld=True)
    with pytest.raises(Refused) as refused:
        review_break_glass(actor=lead, grant_id=grant.pk, upheld=True)
    assert refused.value.code == "not_for_oneself"
    reviewed = review_break_glass(actor=second, grant_id=grant.pk, upheld=False, note="Not an emergency")
    assert reviewed.revoked_at is not None
    assert not queries.visible_to(lead).filter(pk=case.pk).exists()
    with pytest.raises(Refused):
        review_break_glass(actor=second, grant_id=grant.pk, upheld=True)


def test_nobody_reviews_for_the_person_who_broke_the_glass(service: Service, site: Site) -> None:
    boss, stand_in = person("associate", service=service, is_lead=True), person("coordinator", site=site)
    case = CaseFactory(service=service, site=site, sensitivity="restricted")
    grant = break_glass(actor=actor_for(boss), ref=case.ref, reason="Emergency")
    now = timezone.now()
    Delegation.objects.create(
        principal=boss,
        delegate=stand_in,
        created_by=boss,
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=1),
    )
    with pytest.raises(Refused) as refused:
        review_break_glass(actor=actor_for(stand_in), grant_id=grant.pk, upheld=True)
    assert refused.value.code == "not_for_oneself"


def test_the_database_refuses_self_granting_and_self_review(service: Service, site: Site) -> None:
    someone = associate(service)
    case = CaseFactory(service=service, site=site, sensitivity="restricted")
    glass: dict[str, Any] = {
        "kind": "break_glass",
        "reason": "x",
        "expires_at": timezone.now(),
        "reviewed_at": timezone.now(),
        "review_upheld": True,
    }
    other = associate(service).user_id
    for columns in (
        {"granted_by_id": someone.user_id},
        {**glass, "reviewed_by_id": someone.user_id},
        {**glass, "reviewed_by_id": other, "reviewed_for_id": someone.user_id},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            case.grants.create(**({"user_id": someone.user_id, "kind": "grant"} | columns))


def test_grants_are_withdrawn(service: Service, site: Site) -> None:
    lead, guest = associate(service, lead=True), coordinator(SiteFactory())
    case = CaseFactory(service=service, site=site, sensitivity="restricted")
    grant = grant_access(actor=lead, ref=case.ref, user_id=guest.user_id or 0, reason="Legal asked")
    with pytest.raises(Refused):
        grant_access(actor=lead, ref=case.ref, user_id=guest.user_id or 0)
    with pytest.raises(Http404):
        revoke_grant(actor=guest, grant_id=grant.pk)
    revoke_grant(actor=lead, grant_id=grant.pk)
    assert not queries.visible_to(guest).exists()
    with pytest.raises(Refused):
        revoke_grant(actor=lead, grant_id=grant.pk)


def test_a_restricted_case_is_worked_by_whoever_holds_a_grant(service: Service, site: Site) -> None:
    guest, case = coordinator(SiteFactory()), CaseFactory(service=service, site=site, sensitivity="restricted")
    hold(case, guest)
    add_note(actor=guest, ref=case.ref, text="Seen", shared=False)
    assert set_state(actor=guest, ref=case.ref, verb="start").case.state == "in_progress"
    # Assigning is for those whose scope it is.
    with pytest.raises(Refused):
        assign(actor=guest, ref=case.ref, owner_id=associate(service).user_id)


# -- many at once


def test_bulk_gives_a_result_for_each_case(service: Service, site: Site) -> None:
    someone, member = coordinator(site), associate(service)
    fresh = CaseFactory(service=service, site=site)
    done = CaseFactory(service=service, site=site, owner=member.user_id)
    ended = CaseFactory(service=service, site=site)
    put(ended, "rejected")
    hidden = CaseFactory(service=service, site=SiteFactory())
    refs = [hidden.ref, ended.ref, done.ref, str(fresh.pk), "nonsense", fresh.ref]
    results = bulk(actor=someone, refs=refs, operation="assign", owner_id=member.user_id)
    assert [(r.ref, r.code) for r in results] == [
        (fresh.ref, ""),
        (done.ref, "already_theirs"),
        (ended.ref, "not_possible"),
        (hidden.ref, "not_visible"),
        ("nonsense", "not_visible"),
    ]
    assert all(r.message for r in results if not r.ok)
    fresh.refresh_from_db()
    hidden.refresh_from_db()
    assert (fresh.owner_id, hidden.owner_id) == (member.user_id, None)
    assert hidden.entries.count() == 1


def test_bulk_has_a_limit_and_known_operations() -> None:
    for wrong in ({"refs": range(10001, 10202), "operation": "assign"}, {"refs": [1], "operation": "delete"}):
        with pytest.raises(Refused):
            bulk(actor=SYSTEM, **wrong)  # type: ignore[arg-type]


# -- append-only


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE escalations_timelineentry SET code = 'x'",
        "DELETE FROM escalations_timelineentry",
        "TRUNCATE escalations_timelineentry CASCADE",
        "UPDATE escalations_entrybody SET text = 'other'",
        "UPDATE escalations_entrybody SET text = '', redacted_at = NULL",
        "UPDATE escalations_entrybody SET redacted_at = now()",
        "DELETE FROM escalations_entrybody",
        "TRUNCATE escalations_entrybody",
    ],
)
def test_the_stream_is_append_only(statement: str, service: Service, site: Site) -> None:
    CaseFactory(service=service, site=site, description="Words")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert EntryBody.objects.get().text == "Words"
    assert TimelineEntry.objects.get().code == "opened"


def test_removed_words_stay_removed(service: Service, site: Site) -> None:
    case = CaseFactory(service=service, site=site, description="Words")
    redact_entry(actor=coordinator(site), ref=case.ref, entry_id=case.entries.get(code="opened").pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        EntryBody.objects.update(text="Back again")


def test_the_pure_table_and_guards_fit() -> None:
    guards = {step.guard for verbs in transitions.TRANSITIONS.values() for step in verbs.values()}
    assert guards == set(rules.GUARDS)
    assert set(transitions.TRANSITIONS) == set(State.values)
    assert {verb for verbs in transitions.TRANSITIONS.values() for verb in verbs} == set(Verb.values)
