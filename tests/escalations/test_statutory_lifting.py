"""Taking the mark away when several complaints became one case: one of them, and the others' promises stay."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from escalations.actions import Refused, answer_by_law, lift_regulation, log_contact, merge
from escalations.models import Case, Service
from escalations.queries.statutory import counted_terms, duties_of, owed, regulations_of
from partners.models import Site
from portal.accounts.models import User
from portal.accounts.rules import SYSTEM, Actor
from sla.actions import tick
from sla.models import Clock, ClockEvent
from tests.escalations.test_statutory_merging import EARLY, LATE, dues, end, lead, mark, pair
from tests.factories.escalations import CaseFactory, associate
from tests.factories.statutory import ACK, FINAL

pytestmark = pytest.mark.django_db
__all__ = ["lead", "pair"]


def joined(lead: Actor, *sources: Case, into: Case) -> None:
    for source in sources:
        merge(actor=lead, source=source.pk, target=into.pk, reason="Same matter")


def marks(lead: Actor, case: Case) -> dict[int, int]:
    """Of which case each live mark is, to its id."""
    return {one.case_id: one.pk for one in regulations_of(lead, Case.objects.get(pk=case.pk))}


def lift(lead: Actor, case: Case, mark_id: int | None = None) -> None:
    lift_regulation(actor=lead, ref=case.pk, regulation_id=mark_id, reason="It was no complaint")


def answer(lead: Actor, case: Case, *duties: str) -> None:
    entry = log_contact(actor=lead, ref=case.pk, channel="email", direction="out", outcome="sent", text="Sorry")
    answer_by_law(actor=lead, ref=case.pk, duties=duties or (FINAL,), contact_id=entry.pk)


def test_the_other_complaint_goes_on_to_its_own_due(lead: Actor, pair: tuple[Case, Case]) -> None:
    source, target = pair
    mark(lead, source, EARLY, final=20)
    mark(lead, target, LATE, ack=2, final=20)
    joined(lead, source, into=target)
    [before] = [view.id for view in owed(target.pk) if view.metric == FINAL]
    lift(lead, target, marks(lead, target)[target.pk])
    assert dues(target) == {FINAL: (EARLY, end(22))}, "what only the one asked for is over"
    [after] = [view.id for view in owed(target.pk)]
    assert after == before
    assert not ClockEvent.objects.filter(clock=after, kind="cancelled").exists()
    assert dict(counted_terms(SYSTEM, target.pk, after))["Received"].startswith("Mon 2 Mar 2026")
    assert Case.objects.get(pk=target.pk).next_due_at == end(22)
    assert list(marks(lead, target)) == [source.pk]


def test_an_earlier_due_of_no_complaint_gives_way_to_the_later_one(lead: Actor, pair: tuple[Case, Case]) -> None:
    source, target = pair
    mark(lead, source, EARLY, final=20)
    mark(lead, target, LATE, final=20)
    joined(lead, source, into=target)
    lift(lead, target, marks(lead, target)[source.pk])
    assert dues(target) == {FINAL: (LATE, end(25))}
    [view] = owed(target.pk)
    assert view.breached_at == end(25)
    assert dict(counted_terms(SYSTEM, target.pk, view.id))["Received"].startswith("Thu 5 Mar 2026")
    lift(lead, target)
    assert dues(target) == {}
    assert marks(lead, target) == {}


def test_a_breach_of_what_was_no_complaint_is_taken_back(lead: Actor, pair: tuple[Case, Case]) -> None:
    source, target = pair
    mark(lead, source, timezone.now() - timedelta(days=30), final=20)
    mark(lead, target, timezone.now() - timedelta(days=2), final=20)
    joined(lead, source, into=target)
    tick()
    [view] = owed(target.pk)
    assert view.breached_at is not None
    lift(lead, target, marks(lead, target)[source.pk])
    [view] = owed(target.pk)
    assert (view.breached_at, view.due_at > timezone.now()) == (None, True)
    assert Clock.objects.get(pk=view.id).next_event_at > timezone.now(), "whoever waits is warned again"


def test_the_mark_of_a_merged_case_is_taken_away_on_the_survivor_alone(lead: Actor, pair: tuple[Case, Case]) -> None:
    source, target = pair
    mark(lead, source, EARLY, final=20)
    joined(lead, source, into=target)
    with pytest.raises(Refused, match="merged"):
        lift(lead, source)
    lift(lead, target)
    assert (dues(target), marks(lead, target)) == ({}, {})
    with pytest.raises(Refused, match="no regulated"):
        lift(lead, target)


def test_what_was_answered_before_is_not_asked_for_again(
    lead: Actor, pair: tuple[Case, Case], service: Service, site: Site
) -> None:
    source, target = pair
    later = CaseFactory(service=service, site=site)
    mark(lead, source, EARLY, ack=5, final=20)
    joined(lead, source, into=target)
    answer(lead, target, FINAL)
    mark(lead, later, LATE, ack=9, final=20)
    joined(lead, later, into=target)
    assert dues(target) == {ACK: (EARLY, end(7)), FINAL: (LATE, end(25))}
    lift(lead, target, marks(lead, target)[later.pk])
    assert dues(target) == {ACK: (EARLY, end(7))}, "the final response went out for the first complaint"
    assert {view.metric: view.state for view in duties_of(target.pk)}[ACK] == "running"


def test_over_two_mergings_an_answer_in_between_counts_for_those_that_were_there(
    lead: Actor, pair: tuple[Case, Case], service: Service, site: Site
) -> None:
    first, second = pair
    last = CaseFactory(service=service, site=site)
    mark(lead, first, EARLY, ack=5, final=20)
    joined(lead, first, into=second)
    answer(lead, second, ACK)
    mark(lead, last, LATE, ack=5, final=20)
    joined(lead, second, into=last)
    lift(lead, last, marks(lead, last)[last.pk])
    assert dues(last) == {FINAL: (EARLY, end(22))}
    lift(lead, last, marks(lead, last)[first.pk])
    assert dues(last) == {}


def test_a_mark_that_is_not_one_of_these_is_refused(
    lead: Actor, pair: tuple[Case, Case], service: Service, site: Site
) -> None:
    source, target = pair
    mark(lead, source, EARLY, final=20)
    mark(lead, target, LATE, final=20)
    with pytest.raises(Refused) as no:
        lift(lead, target, marks(lead, source)[source.pk])
    assert no.value.code == "unknown_value"
    joined(lead, source, into=target)
    # Who may not see the one that was merged cannot take its mark away, nor learn of it.
    Case.objects.filter(pk=source.pk).update(service=CaseFactory(site=site).service_id)
    stranger = associate(service, lead=True)
    assert list(marks(stranger, target)) == [target.pk]
    with pytest.raises(Refused) as no:
        lift(stranger, target, marks(lead, target)[source.pk])
    assert no.value.code == "unknown_value"
    lift(stranger, target)
    assert dues(target) == {FINAL: (EARLY, end(22))}
    with pytest.raises(Refused, match="no regulated"):
        lift(stranger, target)


def test_the_page_names_the_complaints_and_takes_one_mark_away(
    client: Client, lead: Actor, pair: tuple[Case, Case]
) -> None:
    source, target = pair
    mark(lead, source, EARLY, final=20)
    mark(lead, target, LATE, final=20)
    joined(lead, source, into=target)
    client.force_login(User.objects.get(pk=lead.user_id))
    page, door = (
        reverse(f"escalations:{name}", args=[target.ref]) for name in ("case-deadlines", "case-deadline-lift")
    )
    found = marks(lead, target)
    text = client.get(page).text
    assert all(f'<option value="{one}"' in text for one in found.values())
    assert client.post(door, {"reason": "x"}).status_code == 422
    said = {"reason": "A question", "regulation": found[target.pk]}
    done = client.post(door, said, follow=True).text
    assert "runs on" in done
    assert dues(target) == {FINAL: (EARLY, end(22))}
    last = client.get(page).text
    assert "It is no regulated complaint" in last
    client.post(door, {"reason": "Neither", "regulation": found[source.pk]})
    assert "It is no regulated complaint" not in client.get(page).text
    assert not owed(target.pk)


def test_the_stream_says_under_whose_law(lead: Actor, pair: tuple[Case, Case]) -> None:
    case, _other = pair
    mark(lead, case, datetime(2026, 3, 2, 10, tzinfo=EARLY.tzinfo), final=20)
    name = case.regulations.get().jurisdiction.name
    lift(lead, case)
    assert case.entries.get(code="statutory.lifted").params["name"] == name
