"""Access to a restricted case ends with the restriction that it was given for: restricted anew, it is closed to whoever was
let in before, wherever they look, until somebody lets them in again."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import Error, connection, transaction
from django.http import Http404
from django.utils import timezone

from escalations import access, queries, rules
from escalations.actions import (
    Refused,
    assign,
    break_glass,
    grant_access,
    merge,
    review_break_glass,
    revoke_grant,
    set_sensitivity,
)
from escalations.actions.coming_in import heir_of
from escalations.models import Case, CaseGrant, Service
from escalations.queries.letting_in import openings_for, openings_of
from escalations.queries.mentions import people_inside
from partners.models import Site
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM, Actor
from portal.audit.models import AuditEntry
from tests.factories.escalations import CaseFactory, associate, coordinator, hold, person
from tests.factories.partners import SiteFactory

pytestmark = pytest.mark.django_db
LIFTED = ("standard", "confidential")


@pytest.fixture
def lead(service: Service) -> Actor:
    return associate(service, lead=True)


@pytest.fixture
def guest(db: None) -> Actor:
    """Somebody of another site, who sees the case by a grant or not at all."""
    return coordinator(SiteFactory())


@pytest.fixture
def case(service: Service, site: Site, lead: Actor) -> Case:
    """Restricted by its service's lead, who keeps access."""
    made: Case = CaseFactory(service=service, site=site)
    set_sensitivity(actor=lead, ref=made.pk, sensitivity="restricted")
    return made


def again(lead: Actor, case: Case, level: str = "standard") -> None:
    """The restriction is lifted, and the case restricted for another reason."""
    set_sensitivity(actor=lead, ref=case.pk, sensitivity=level, reason="Settled")
    set_sensitivity(actor=lead, ref=case.pk, sensitivity="restricted", reason="Another matter")


def sees(someone: Actor, case: Case) -> bool:
    """What the list says; fetching, the rules, messages, mentions and who is let in must say the same."""
    now, pair = timezone.now(), (someone.user_id or 0, case.pk)
    visible = queries.visible_to(someone).filter(pk=case.pk).exists()
    for fetch in (access.get_case, access.get_case_inside, lambda a, ref: access.get_case(a, ref, for_update=True)):
        assert found(fetch, someone, case) is visible
    current = Case.objects.select_related("site").get(pk=case.pk)
    assert queries.visible_inside(someone).filter(pk=case.pk).exists() is visible
    assert rules.can_see(someone, queries.facts_of(someone, current)).ok is visible
    for inside in (False, True):
        assert bool(queries.seeing_pairs({pair}, now, inside=inside)[0]) is visible
    assert (pair[0] in {one.user_id for one in people_inside(current)}) is visible
    assert (pair in openings_for(someone, now).granted, pair in openings_of([case.pk], now).granted) == (visible,) * 2
    holders = {one.user_id for one in queries.holders_of([case.pk]).get(case.pk, [])}
    assert (pair[0] in holders, case.pk in queries.granted_ids(someone, now)) == (visible, visible)
    return visible


def found(fetch: Callable[..., Case], someone: Actor, case: Case) -> bool:
    try:
        return fetch(someone, case.ref) == case
    except Http404:
        return False


def let_in(lead: Actor, case: Case, someone: Actor) -> CaseGrant:
    return grant_access(actor=lead, ref=case.pk, user_id=someone.user_id or 0, reason="Named contact")


@pytest.mark.parametrize("level", LIFTED)
def test_who_was_let_in_for_another_reason_is_not_let_in_anew(
    lead: Actor, guest: Actor, case: Case, level: str
) -> None:
    let_in(lead, case, guest)
    assert sees(guest, case)
    again(lead, case, level)
    assert (sees(guest, case), sees(lead, case)) == (False, True)
    with pytest.raises(Http404):
        merge(actor=guest, source=case.pk, target=CaseFactory(site=None).pk, reason="x")
    with pytest.raises(Refused) as no:
        assign(actor=SYSTEM, ref=case.pk, owner_id=guest.user_id)
    assert no.value.code == "owner_cannot_work"
    assert heir_of(Case.objects.get(pk=case.pk)).keeping == {lead.user_id: None}
    let_in(lead, case, guest)
    assert sees(guest, case), "this time it is this restriction that they are let in for"
    again(lead, case, level)
    assert not sees(guest, case)


def test_an_emergency_ends_with_the_restriction_and_is_reviewed_all_the_same(
    service: Service, lead: Actor, case: Case
) -> None:
    bob = associate(service)
    glass = break_glass(actor=bob, ref=case.pk, reason="Safety tonight")
    again(lead, case, "confidential")
    assert not sees(bob, case)
    assert list(queries.break_glass_reviews(lead)) == [glass]
    review_break_glass(actor=lead, grant_id=glass.pk, upheld=False)
    break_glass(actor=bob, ref=case.pk, reason="Safety once more")
    assert sees(bob, case)


def test_a_grant_that_ended_so_cannot_be_withdrawn(lead: Actor, guest: Actor, case: Case) -> None:
    grant = let_in(lead, case, guest)
    again(lead, case)
    with pytest.raises(Refused) as no:
        revoke_grant(actor=lead, grant_id=grant.pk)
    assert no.value.code == "already_ended"
    grant.refresh_from_db()
    assert grant.revoked_at is None


def test_whoever_works_the_case_keeps_access_as_before(service: Service, lead: Actor, case: Case) -> None:
    bob = associate(service)
    let_in(lead, case, bob)
    assign(actor=lead, ref=case.pk, owner_id=bob.user_id)
    again(lead, case, "confidential")
    assert (sees(bob, case), Case.objects.get(pk=case.pk).owner_id) == (True, bob.user_id)
    assert CaseGrant.objects.filter(case=case, user=bob.user_id).count() == 2


def test_an_owner_from_elsewhere_owns_it_no_more(lead: Actor, guest: Actor, case: Case) -> None:
    let_in(lead, case, guest)
    Case.objects.filter(pk=case.pk).update(owner=guest.user_id)
    set_sensitivity(actor=lead, ref=case.pk, sensitivity="standard", reason="Settled")
    assert Case.objects.get(pk=case.pk).owner_id is None


def test_the_story_says_whose_access_ended_and_when(service: Service, lead: Actor, guest: Actor, case: Case) -> None:
    out, bob, late = associate(service), associate(service), associate(service)
    revoke_grant(actor=lead, grant_id=let_in(lead, case, out).pk)
    hold(case, late, starts_at=timezone.now() - timedelta(hours=2), expires_at=timezone.now() - timedelta(hours=1))
    for one in (guest, bob):
        let_in(lead, case, one)
    break_glass_and_grant = [hold(case, bob, reason="Twice"), *case.grants.all()]
    before = {one.pk: (one.starts_at, one.expires_at, one.revoked_at) for one in break_glass_and_grant}
    when = timezone.now()
    set_sensitivity(actor=lead, ref=case.pk, sensitivity="confidential", reason="Settled", at=when)
    said = case.entries.filter(code="grant.ended").order_by("pk")
    ended = sorted(one.user_id or 0 for one in (lead, guest, bob))
    assert [(one.at, one.params, one.is_internal) for one in said] == [(when, {"user": pk}, True) for pk in ended]
    lines = [line.sentence for line in queries.entry_lines(said)]
    assert all(line.startswith("Access ended with the restriction: ") for line in lines)
    trail = AuditEntry.objects.filter(verb="case.grant_ended", subject_id=case.pk)
    assert sorted(one.changes["user"] for one in trail) == ended
    after = {one.pk: (one.starts_at, one.expires_at, one.revoked_at) for one in case.grants.all()}
    assert after == before, "nothing that was written down is changed"
    assert set(case.grants.values_list("lifted_at", flat=True)) == {when}


def test_raising_it_further_or_merging_ends_nothing(service: Service, site: Site, lead: Actor, case: Case) -> None:
    """Only what lifts a restriction ends access: not a mild case that becomes restricted, nor one that ends in another."""
    bob, other = associate(service), CaseFactory(service=service, site=site)
    let_in(lead, case, bob)
    set_sensitivity(actor=lead, ref=other.pk, sensitivity="confidential")
    merge(actor=lead, source=other.pk, target=case.pk, reason="One matter")
    assert sees(bob, case)
    assert not case.grants.exclude(lifted_at=None).exists()


# -- the database, past every action


def sql(statement: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_the_database_ends_what_belongs_to_another_restriction(lead: Actor, guest: Actor, case: Case) -> None:
    grant = let_in(lead, case, guest)
    sql("UPDATE escalations_case SET sensitivity = 'restricted', version = version + 1 WHERE id = %s", case.pk)
    assert sees(guest, case)
    for level in ("standard", "restricted"):
        sql("UPDATE escalations_case SET sensitivity = %s WHERE id = %s", level, case.pk)
    assert not sees(guest, case)
    grant.refresh_from_db()
    assert grant.lifted_at is not None


def test_a_grant_for_a_case_that_is_not_restricted_is_for_no_later_restriction(
    service: Service, site: Site, lead: Actor, guest: Actor
) -> None:
    case = CaseFactory(service=service, site=site)
    hold(case, guest)
    set_sensitivity(actor=lead, ref=case.pk, sensitivity="restricted")
    assert (sees(guest, case), sees(lead, case)) == (False, True)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE escalations_casegrant SET lifted_at = NULL WHERE id = %s",
        "UPDATE escalations_casegrant SET lifted_at = now() + interval '1 day' WHERE id = %s",
        "UPDATE escalations_casegrant SET case_id = case_id + 1 WHERE id = %s",
        "UPDATE escalations_casegrant SET user_id = user_id + 1 WHERE id = %s",
        "DELETE FROM escalations_casegrant WHERE id = %s",
    ],
)
def test_what_ended_does_not_begin_again_nor_is_it_forgotten(
    lead: Actor, guest: Actor, case: Case, change: str
) -> None:
    grant = let_in(lead, case, guest)
    again(lead, case)
    with pytest.raises(Error, match="access that was given stays"):
        sql(change, grant.pk)
    assert not sees(guest, case)


# -- grants from before there was this rule


def test_older_grants_belong_to_the_restriction_in_which_they_were_given(
    service: Service, site: Site, lead: Actor
) -> None:
    first, second, third = (timezone.now() - timedelta(days=n) for n in (30, 20, 10))
    born, open_now, anew = (
        CaseFactory(service=service, site=site, sensitivity=s) for s in ("restricted", "standard", "standard")
    )
    for made in (open_now, anew):
        set_sensitivity(actor=lead, ref=made.pk, sensitivity="restricted", at=first)
        set_sensitivity(actor=lead, ref=made.pk, sensitivity="standard", reason="x", at=second)
    set_sensitivity(actor=lead, ref=anew.pk, sensitivity="restricted", at=third)
    guests = [coordinator(SiteFactory()) for _ in range(4)]
    grants = [
        hold(born, guests[0], starts_at=first),
        hold(open_now, guests[1], starts_at=first + timedelta(days=1)),
        hold(anew, guests[2], starts_at=first + timedelta(days=1)),
        hold(anew, guests[3], starts_at=third + timedelta(days=1)),
    ]
    for _ in range(2):
        sql(import_module("escalations.migrations.0029_grants_from_before").BACKFILL)
        for grant in grants:
            grant.refresh_from_db()
        assert [one.lifted_at for one in grants] == [None, second, second, None]
    assert [sees(one, anew) for one in (guests[2], guests[3], lead)] == [False, True, True]
    assert sees(guests[0], born)


def test_who_restricted_it_anew_and_its_owner_keep_what_they_held_from_before(
    service: Service, site: Site, lead: Actor, guest: Actor
) -> None:
    """As it was until now: lowering ended nothing, and who held access was given nothing new."""
    case = CaseFactory(service=service, site=site, sensitivity="standard", owner=person("associate", service=service))
    first, second, third = (timezone.now() - timedelta(days=n) for n in (30, 20, 10))
    set_sensitivity(actor=lead, ref=case.pk, sensitivity="restricted", at=first)
    hold(case, guest, starts_at=first)
    set_sensitivity(actor=lead, ref=case.pk, sensitivity="standard", reason="x", at=second)
    set_sensitivity(actor=lead, ref=case.pk, sensitivity="restricted", at=third)
    owner, grants = case.owner, CaseGrant.objects.filter(case=case)
    assert owner is not None
    grants.filter(starts_at__gte=third).update(revoked_at=timezone.now())
    for who in (lead, actor_for(owner)):
        hold(case, who, starts_at=first)
    sql(import_module("escalations.migrations.0029_grants_from_before").BACKFILL)
    assert set(grants.filter(lifted_at=None, revoked_at=None).values_list("user", flat=True)) == {
        lead.user_id,
        owner.pk,
    }
    assert [sees(one, case) for one in (lead, actor_for(owner), guest)] == [True, True, False]
