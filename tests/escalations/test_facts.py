"""The ledger of what is known: append-only, the newest wins, the earlier ones stay, words can be removed."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.http import Http404

from escalations import queries
from escalations.actions import (
    Refused,
    correct_fact,
    keep_card,
    merge,
    record_fact,
    redact_entry,
    set_sensitivity,
    withdraw_fact,
)
from escalations.models import Case, CaseFact, Service
from escalations.queries import Known
from partners.models import Site
from portal.accounts.rules import Actor
from portal.audit.models import AuditEntry
from tests.factories.escalations import CaseFactory, actor, associate, coordinator

pytestmark = pytest.mark.django_db


def known(who: Actor, case: Case) -> list[Known]:
    return queries.known_facts(queries.entries_visible_to(who, case))


def ledger(who: Actor, case: Case) -> list[tuple[str, str, list[str]]]:
    """Each thread: its topic, its newest words, and the words before."""
    return [(one.key, one.text, [e.text for e in one.earlier]) for one in queries.fact_threads(who, case)]


@pytest.fixture
def case(service: Service, site: Site) -> Case:
    return CaseFactory(service=service, site=site)


def test_the_newest_wins_and_the_earlier_stay(case: Case, service: Service, site: Site) -> None:
    first, second = coordinator(site), associate(service)
    record_fact(actor=first, ref=case.ref, key="booking", text=" HX-7\x00 ", source="customer")
    record_fact(actor=second, ref=case.ref, key="booking", text="HX-77", source="checked")
    record_fact(actor=second, ref=case.ref, text="Travels with a baby", source="customer")
    record_fact(actor=second, ref=case.ref, text="Host called 4 times", source="checked")
    assert [(one.label, one.text, one.source_label) for one in known(first, case)] == [
        ("Booking or order", "HX-77", "Checked by us"),
        ("", "Travels with a baby", "Told by the customer"),
        ("", "Host called 4 times", "Checked by us"),
    ]
    newest = known(first, case)[0]
    assert newest.by is not None
    assert newest.by.pk == second.user_id
    assert ledger(first, case)[0] == ("booking", "HX-77", ["HX-7"])
    lines = queries.entry_lines(case.entries.filter(kind="fact"))
    assert [line.sentence for line in lines] == [
        "Known fact: Booking or order",
        "Known fact corrected: Booking or order",
        "Known fact",
        "Known fact",
    ]
    assert all(line.entry.is_internal for line in lines)
    trail = AuditEntry.objects.get(verb="case.fact_corrected")
    assert "HX" not in str(trail.changes)


def test_a_fact_is_corrected_and_no_longer_true(case: Case, service: Service) -> None:
    who = associate(service)
    fact = record_fact(actor=who, ref=case.ref, text="Indoors", source="customer")
    newer = correct_fact(actor=who, ref=case.ref, fact_id=fact.pk, text="At a friend's", source="customer")
    for stale in (fact.pk, 10**15):
        with pytest.raises(Refused) as refused:
            correct_fact(actor=who, ref=case.ref, fact_id=stale, text="Elsewhere", source="customer")
        assert refused.value.code == "fact_replaced"
    gone = withdraw_fact(actor=who, ref=case.ref, fact_id=newer.pk, reason="Left this morning")
    assert known(who, case) == []
    assert ledger(who, case) == [("", "Left this morning", ["At a friend's", "Indoors"])]
    with pytest.raises(Refused):
        withdraw_fact(actor=who, ref=case.ref, fact_id=gone.pk)
    again = correct_fact(actor=who, ref=case.ref, fact_id=gone.pk, text="Back again", source="customer")
    assert (again.entry.code, [one.text for one in known(who, case)]) == ("fact.recorded", ["Back again"])


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"text": " \x00"}, "text_needed"),
        ({"text": "x" * 2_001}, "text_too_long"),
        ({"source": "rumour"}, "unknown_value"),
        ({"key": "shoe_size"}, "unknown_value"),
        ({"key": "hours", "text": "x" * 201}, "text_too_long"),
    ],
)
def test_bad_facts_are_refused_and_nothing_is_written(
    wrong: dict[str, Any], code: str, case: Case, service: Service
) -> None:
    entries = case.entries.count()
    with pytest.raises(Refused) as refused:
        record_fact(actor=associate(service), ref=case.ref, **{"text": "Fine", "source": "customer", **wrong})
    assert refused.value.code == code
    assert (CaseFact.objects.count(), case.entries.count()) == (0, entries)


def test_the_same_again_is_no_fact(case: Case, service: Service) -> None:
    who = associate(service)
    fact = record_fact(actor=who, ref=case.ref, key="identity", text="Seen", source="checked")
    for again in (
        lambda: record_fact(actor=who, ref=case.ref, key="identity", text=" Seen ", source="checked"),
        lambda: correct_fact(actor=who, ref=case.ref, fact_id=fact.pk, text="Seen", source="checked"),
    ):
        with pytest.raises(Refused) as refused:
            again()
        assert refused.value.code == "nothing_changed"


def test_the_card_keeps_what_changed(case: Case, service: Service) -> None:
    who = associate(service)
    keep_card(
        actor=who,
        ref=case.ref,
        values={"preferred_name": "A.", "pronouns": "they/them", "hours": ""},
        source="customer",
    )
    keep_card(actor=who, ref=case.ref, values={"preferred_name": "A.", "pronouns": ""}, source="customer")
    card = queries.card_of(known(who, case), case)
    assert {key: one.text for key, one in card.items()} == {"preferred_name": "A."}
    assert CaseFact.objects.count() == 3
    keep_card(actor=who, ref=case.ref, values={"pronouns": "she/her"}, source="customer")
    assert ledger(who, case) == [("preferred_name", "A.", []), ("pronouns", "she/her", ["", "they/them"])]
    with pytest.raises(Refused) as refused:
        keep_card(actor=who, ref=case.ref, values={"pronouns": "she/her"}, source="customer")
    assert refused.value.code == "nothing_changed"
    with pytest.raises(Refused):
        keep_card(actor=who, ref=case.ref, values={"booking": "HX-7"}, source="customer")


def test_words_are_removed_like_those_of_any_entry(case: Case, service: Service, site: Site) -> None:
    who = associate(service)
    fact = record_fact(actor=who, ref=case.ref, key="identity", text="Passport 123", source="checked")
    redact_entry(actor=coordinator(site), ref=case.ref, entry_id=fact.entry_id)
    (left,) = known(who, case)
    assert (left.text, left.redacted, left.holds) == ("", True, False)
    assert record_fact(actor=who, ref=case.ref, key="identity", text="Seen", source="checked").replaces_id == fact.pk


def test_the_survivor_of_a_merger_knows_what_both_knew(case: Case, service: Service, site: Site) -> None:
    who = associate(service)
    other = CaseFactory(service=service, site=site)
    record_fact(actor=who, ref=case.ref, key="booking", text="HX-1", source="customer")
    keep_card(actor=who, ref=case.ref, values={"preferred_name": "Al", "hours": "After 14:00"}, source="customer")
    keep_card(actor=who, ref=other.ref, values={"preferred_name": "A."}, source="customer")
    set_sensitivity(actor=associate(service), ref=case.ref, sensitivity="confidential")
    merge(actor=who, source=case.ref, target=other.ref, reason="One matter")
    other.refresh_from_db()
    facts = known(who, other)
    assert [(one.case_id, one.text) for one in queries.beside_card(facts)] == [(case.pk, "HX-1")]
    assert {key: one.text for key, one in queries.card_of(facts, other).items()} == {
        "preferred_name": "A.",
        "hours": "After 14:00",
    }
    with pytest.raises(Refused) as refused:
        record_fact(actor=who, ref=case.ref, text="More", source="customer")
    assert refused.value.code == "merged"


def test_facts_of_a_merged_case_are_kept_on_the_case_that_goes_on(case: Case, service: Service, site: Site) -> None:
    who = associate(service)
    other, third = CaseFactory(service=service, site=site), CaseFactory(service=service, site=site)
    first = record_fact(actor=who, ref=case.ref, key="booking", text="HX-1", source="customer")
    merge(actor=who, source=case.ref, target=other.ref, reason="One matter")
    other.refresh_from_db()
    with pytest.raises(Refused) as refused:
        correct_fact(actor=who, ref=case.ref, fact_id=first.pk, text="HX-2", source="checked")
    assert refused.value.code == "merged"
    with pytest.raises(Refused):
        correct_fact(actor=who, ref=third.ref, fact_id=first.pk, text="HX-2", source="checked")
    second = correct_fact(actor=who, ref=other.ref, fact_id=first.pk, text="HX-2", source="checked")
    assert ledger(who, other) == [("booking", "HX-2", ["HX-1"])]
    Case.objects.filter(pk=case.pk).update(sensitivity="restricted")
    with pytest.raises(Refused) as refused:
        withdraw_fact(actor=who, ref=other.ref, fact_id=second.pk)
    assert refused.value.code == "fact_replaced"
    Case.objects.filter(pk=case.pk).update(sensitivity="standard")
    withdraw_fact(actor=who, ref=other.ref, fact_id=second.pk)
    assert known(who, other) == []


def test_who_keeps_the_ledger(case: Case, service: Service, site: Site) -> None:
    fact = record_fact(actor=associate(service), ref=case.ref, text="Zq secret", source="customer")
    for role in ("partner_lead", "partner_qa", "auditor", "administrator"):
        who = actor(role, **({} if role in ("auditor", "administrator") else {"site": site}))
        with pytest.raises(Refused):
            record_fact(actor=who, ref=case.ref, text="Mine", source="customer")
        with pytest.raises(Refused):
            withdraw_fact(actor=who, ref=case.ref, fact_id=fact.pk)
        assert bool(known(who, case)) == (role in ("auditor", "administrator")), role
    with pytest.raises(Http404):
        record_fact(actor=coordinator(CaseFactory().site), ref=case.ref, text="Mine", source="customer")


# -- what the database refuses

_INSERT = (
    "INSERT INTO escalations_casefact (entry_id, case_id, key, source, withdrawn, replaces_id) "
    "VALUES (%s, %s, %s, %s, %s, %s)"
)


def refused(sql: str, values: list[Any], kind: type[DatabaseError] = IntegrityError) -> str:
    with pytest.raises(kind) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
    return str(error.value)


def test_the_database_keeps_threads_whole(case: Case, service: Service, site: Site) -> None:
    who = associate(service)
    entries = list(case.entries.values_list("pk", flat=True))
    fact = record_fact(actor=who, ref=case.ref, key="booking", text="HX-1", source="customer")
    newer = record_fact(actor=who, ref=case.ref, key="booking", text="HX-2", source="customer")
    elsewhere = CaseFactory(service=service, site=site)
    row = [entries[0], case.pk, "booking", "customer", False, None]

    def but(**other: Any) -> list[Any]:
        names = ("entry", "case", "key", "source", "withdrawn", "replaces")
        return [other.get(name, value) for name, value in zip(names, row, strict=True)]

    assert "fact_one_thread_per_key" in refused(_INSERT, row)
    assert "fact_source_known" in refused(_INSERT, but(key="", source="rumour"))
    assert "fact_key_is_a_code" in refused(_INSERT, but(key="Two words"))
    assert "fact_withdraws_one" in refused(_INSERT, but(key="", withdrawn=True))
    assert "replaces_id" in refused(_INSERT, but(replaces=fact.pk))
    assert "entry_id" in refused(_INSERT, but(entry=fact.entry_id, key=""))
    assert "same case and topic" in refused(_INSERT, but(key="identity", replaces=newer.pk))
    assert "of another case" in refused(_INSERT, but(case=elsewhere.pk))
    for sql in ("UPDATE escalations_casefact SET key = 'x'", "DELETE FROM escalations_casefact"):
        assert "append-only" in refused(sql, [])
