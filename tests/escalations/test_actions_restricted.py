"""Restricted cases, many cases at once, and what can never be changed."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.utils import timezone

from escalations import queries
from escalations.actions import (
    Refused,
    add_note,
    assign,
    break_glass,
    bulk,
    grant_access,
    redact_entry,
    review_break_glass,
    revoke_grant,
    set_state,
)
from escalations.models import EntryBody, Service, TimelineEntry
from partners.models import Site
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM
from portal.notifications.models import OutboxRow
from tests.escalations.case_roles import put
from tests.factories.accounts import DelegationFactory
from tests.factories.escalations import (
    CaseFactory,
    associate,
    coordinator,
    hold,
    person,
)
from tests.factories.partners import SiteFactory

pytestmark = pytest.mark.django_db


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
    DelegationFactory(principal=boss, delegate=stand_in)
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
    for refs, operation in ((range(10001, 10202), "assign"), ([1], "delete")):
        with pytest.raises(Refused):
            bulk(actor=SYSTEM, refs=refs, operation=operation)


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
