"""What actions on cases write, refuse and put back."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import Http404
from django.utils import timezone

from escalations import queries
from escalations.actions import (
    Refused,
    Stale,
    add_note,
    assign,
    create_case,
    record_view,
    redact_entry,
    set_severity,
    set_state,
    unwatch,
    watch,
)
from escalations.models import Case, Service
from partners.models import Site
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM
from portal.audit.models import AuditEntry
from tests.factories.accounts import DelegationFactory
from tests.factories.escalations import (
    CaseFactory,
    IssueTypeFactory,
    ServiceFactory,
    associate,
    coordinator,
    person,
)

pytestmark = pytest.mark.django_db


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
    DelegationFactory(principal=principal, delegate=stand_in)
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
