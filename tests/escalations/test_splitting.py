"""Splitting messages off a case: what both show, how protected it is, since when the customer waits, what stays as it was."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from escalations import queries
from escalations.actions import (
    Part,
    Refused,
    Stale,
    add_note,
    break_glass,
    change_service,
    log_contact,
    merge,
    redact_entry,
    set_sensitivity,
    split,
)
from escalations.models import CarriedEntry, Case, CaseGrant, CaseLink, EntryBody, Service, TimelineEntry
from partners.models import Site
from portal.accounts.rules import SYSTEM, Actor
from portal.audit.models import AuditEntry
from sla.models import Clock
from tests.factories.escalations import CaseFactory, actor, associate, coordinator, hold, open_policy
from tests.factories.partners import SiteFactory


@pytest.fixture
def source(service: Service, site: Site) -> Case:
    return CaseFactory(service=service, site=site, customer_ref="G-1", contact_hint="by mail")


def wrote(case: Case, text: str, direction: str = "in", **more: Any) -> TimelineEntry:
    outcome = {"in": "received", "out": "sent"}[direction]
    return log_contact(
        actor=SYSTEM, ref=case.pk, channel="email", direction=direction, outcome=outcome, text=text, **more
    )


def part(case: Case, **more: Any) -> Part:
    return Part(
        **{"subject": "A second matter", "service_id": case.service_id, "impact": "money", "urgency": "week", **more}
    )


def fresh(case: Case) -> Case:
    return Case.objects.select_related("site", "service").get(pk=case.pk)


def texts(who: Actor, case: Case) -> list[str]:
    return [line.text for line in queries.entry_lines(queries.entries_visible_to(who, fresh(case))) if line.text]


def says(who: Actor, case: Case) -> list[str]:
    rows = queries.entries_visible_to(who, fresh(case)).filter(kind="link")
    return [line.sentence for line in queries.entry_lines(rows, reader=who)]


def test_both_show_the_messages_and_nothing_was_changed(source: Case) -> None:
    one, two = wrote(source, "The refund"), wrote(source, "And the noise")
    before = list(TimelineEntry.objects.order_by("pk").values()), list(EntryBody.objects.order_by("pk").values())
    someone = coordinator(source.site)
    case = split(actor=someone, ref=source.ref, entry_ids=[two.pk], part=part(source))
    assert texts(someone, case) == ["And the noise"]
    assert texts(someone, source) == ["The refund", "And the noise"]
    assert (says(someone, source), says(someone, case)) == ([f"Split into {case.ref}"], [f"Split from {source.ref}"])
    count = len(before[0])
    assert list(TimelineEntry.objects.order_by("pk").values())[:count] == before[0]
    assert list(EntryBody.objects.order_by("pk").values())[: len(before[1])] == before[1]
    assert (case.site_id, case.customer_ref, case.contact_hint, case.channel) == (
        source.site_id,
        "G-1",
        "by mail",
        "email",
    )
    assert (case.raised_by_id, case.severity, case.subject) == (someone.user_id, 3, "A second matter")
    assert CaseLink.objects.values_list("case_a", "case_b", "kind", "b_follows").get() == (
        source.pk,
        case.pk,
        "split",
        True,
    )
    assert AuditEntry.objects.filter(verb="case.split", subject_id=source.pk, changes__other=case.pk).count() == 1
    assert one.case_id == two.case_id == source.pk


def test_a_part_of_a_part_and_a_part_that_is_merged_back(source: Case) -> None:
    someone, message = coordinator(source.site), wrote(source, "Three things at once")
    first = split(actor=someone, ref=source.ref, entry_ids=[message.pk], part=part(source))
    second = split(actor=someone, ref=first.ref, entry_ids=[message.pk], part=part(source))
    assert texts(someone, second) == ["Three things at once"]
    merge(actor=someone, source=second.ref, target=source.ref, reason="After all")
    assert texts(someone, source).count("Three things at once") == 1
    assert CarriedEntry.objects.filter(entry=message).count() == 2


def test_words_that_are_removed_are_gone_from_both(source: Case) -> None:
    someone, message = coordinator(source.site), wrote(source, "A card number")
    case = split(actor=someone, ref=source.ref, entry_ids=[message.pk], part=part(source))
    redact_entry(actor=someone, ref=source.ref, entry_id=message.pk)
    assert "A card number" not in texts(someone, source) + texts(someone, case)
    with pytest.raises(Refused) as no:
        split(actor=someone, ref=source.ref, entry_ids=[message.pk], part=part(source))
    assert no.value.code == "nothing_to_split"


def test_what_cannot_be_split(source: Case, service: Service, site: Site) -> None:
    someone, message = coordinator(site), wrote(source, "x")
    other = CaseFactory(service=service, site=site)
    elsewhere, opened = wrote(other, "y"), source.entries.get(kind="opened")
    for ids in ([], [elsewhere.pk], [message.pk, elsewhere.pk], [opened.pk], [0]):
        with pytest.raises(Refused) as no:
            split(actor=someone, ref=source.ref, entry_ids=ids, part=part(source))
        assert no.value.code == "nothing_to_split"
    for who in (actor("auditor"), actor("partner_lead", site=site)):
        with pytest.raises(Refused):
            split(actor=who, ref=source.ref, entry_ids=[message.pk], part=part(source))
    with pytest.raises(Stale):
        split(actor=someone, ref=source.ref, entry_ids=[message.pk], part=part(source), expected_version=99)
    merge(actor=someone, source=source.ref, target=other.ref, reason="One matter")
    with pytest.raises(Refused) as no:
        split(actor=someone, ref=source.ref, entry_ids=[message.pk], part=part(source))
    assert no.value.code == "merged"
    assert not CarriedEntry.objects.exists()
    # From the one that goes on, what was written in the merged one can go along.
    assert texts(someone, split(actor=someone, ref=other.ref, entry_ids=[message.pk], part=part(source))) == ["x"]


def test_the_customer_does_not_wait_anew(source: Case) -> None:
    """The first response counts from the message that nobody answered; the rest from the split."""
    open_policy()
    Case.objects.filter(pk=source.pk).update(opened_at=timezone.now() - timedelta(hours=9))
    hours = [timezone.now() - timedelta(hours=n) for n in (8, 5, 3)]
    old = wrote(source, "Long ago", at=hours[0])
    wrote(source, "Our answer", "out", at=hours[1])
    new = wrote(source, "And this", at=hours[2])
    someone = coordinator(source.site)
    case = split(actor=someone, ref=source.ref, entry_ids=[old.pk, new.pk], part=part(source))
    starts = dict(Clock.objects.filter(subject_id=case.pk).values_list("metric", "started_at"))
    assert starts == {"first_response": hours[2], "resolution": case.opened_at}
    assert fresh(case).next_due_at == hours[2] + timedelta(minutes=60)
    answered = split(actor=someone, ref=source.ref, entry_ids=[old.pk], part=part(source))
    assert set(Clock.objects.filter(subject_id=answered.pk).values_list("started_at", flat=True)) == {
        answered.opened_at
    }


@pytest.mark.parametrize("sensitivity", ["confidential", "restricted"])
def test_it_is_as_protected_as_where_it_comes_from(source: Case, service: Service, sensitivity: str) -> None:
    member, colleague, outsider = associate(service), associate(service), coordinator(source.site)
    message = wrote(source, "Secret")
    set_sensitivity(actor=member, ref=source.ref, sensitivity=sensitivity, reason="x")
    hold(source, colleague, expires_at=(until := timezone.now() + timedelta(days=1)))
    case = split(actor=member, ref=source.ref, entry_ids=[message.pk], part=part(source))
    assert fresh(case).sensitivity == sensitivity
    seeing = {who.user_id for who in (member, colleague, outsider) if queries.visible_to(who).filter(pk=case.pk)}
    assert seeing == {member.user_id, colleague.user_id}
    if sensitivity == "restricted":
        grants = dict(CaseGrant.objects.filter(case=case).values_list("user_id", "expires_at"))
        assert grants == {member.user_id: None, colleague.user_id: until}


def test_an_emergency_ends_for_what_was_split_off_as_well(source: Case, service: Service) -> None:
    message, someone = wrote(source, "Secret"), associate(service)
    set_sensitivity(actor=SYSTEM, ref=source.ref, sensitivity="restricted", reason="x")
    grant = break_glass(actor=someone, ref=source.ref, reason="Safety tonight")
    case = split(actor=someone, ref=source.ref, entry_ids=[message.pk], part=part(source))
    assert CaseGrant.objects.get(case=case, user_id=someone.user_id).expires_at == grant.expires_at


def test_where_it_came_from_is_made_more_sensitive_later(source: Case, service: Service) -> None:
    """Its words leave the case that was split off, for all who may not read them where they were written; and its name."""
    message, lead, outsider = wrote(source, "Secret"), associate(service, lead=True), coordinator(source.site)
    case = split(actor=outsider, ref=source.ref, entry_ids=[message.pk], part=part(source))
    assert texts(outsider, case) == ["Secret"]
    set_sensitivity(actor=lead, ref=source.ref, sensitivity="confidential", reason="x")
    assert (texts(outsider, case), says(outsider, case)) == ([], [])
    assert (texts(lead, case), says(lead, case)) == (["Secret"], [f"Split from {source.ref}"])


def test_another_service_reads_what_came_along_and_nothing_else(source: Case) -> None:
    wrote(source, "Not for them")
    message, someone = wrote(source, "For them"), coordinator(source.site)
    other = CaseFactory(site=source.site).service
    case = split(actor=someone, ref=source.ref, entry_ids=[message.pk], part=part(source))
    change_service(actor=someone, ref=case.ref, service_id=other.pk, reason="x")
    reader = associate(other)
    assert "For them" in texts(reader, case)
    assert "Not for them" not in texts(reader, case)
    assert says(reader, case) == []
    line = next(
        line
        for line in queries.entry_lines(
            queries.entries_visible_to(reader, fresh(case)), reader=reader, here=fresh(case)
        )
        if line.text == "For them"
    )
    assert line.origin == ""


def test_partners_read_what_was_shared_with_them_in_both(source: Case, site: Site) -> None:
    someone, lead = coordinator(site), actor("partner_lead", site=site)
    shared = add_note(actor=someone, ref=source.ref, text="Shared", shared=True)
    inside = add_note(actor=someone, ref=source.ref, text="Inside", shared=False)
    case = split(actor=someone, ref=source.ref, entry_ids=[shared.pk, inside.pk], part=part(source))
    assert texts(lead, case) == ["Shared"]
    assert texts(someone, case) == ["Shared", "Inside"]


def test_words_for_one_partner_are_not_read_by_another_one(source: Case, service: Service) -> None:
    """A note shared in a merged case of one partner goes along into a case of another one."""
    lead, theirs = actor("partner_lead", site=source.site), SiteFactory()
    merged, someone = CaseFactory(service=service, site=theirs), associate(service)
    note = add_note(actor=someone, ref=merged.pk, text="For the one partner", shared=True)
    merge(actor=someone, source=merged.pk, target=source.pk, reason="One matter")
    case = split(actor=someone, ref=source.pk, entry_ids=[note.pk], part=part(source))
    again = CaseFactory(service=service, site=source.site)
    merge(actor=someone, source=case.pk, target=again.pk, reason="One matter")
    for other in (source, case, again):
        assert texts(lead, other) == []
        assert "For the one partner" in texts(someone, other)
    assert texts(actor("partner_lead", site=theirs), merged) == ["For the one partner"]


def test_what_came_along_stays(source: Case) -> None:
    message = wrote(source, "x")
    split(actor=coordinator(source.site), ref=source.ref, entry_ids=[message.pk], part=part(source))
    for change in (
        "UPDATE escalations_carriedentry SET entry_id = entry_id + 1",
        "DELETE FROM escalations_carriedentry",
    ):
        with pytest.raises(IntegrityError, match="refused"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)
