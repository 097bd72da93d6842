"""Access that was withdrawn, that ends, or that was an emergency does not become access without an end by any other way."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from escalations import queries
from escalations.actions import (
    Part,
    assign,
    break_glass,
    create_case,
    log_contact,
    merge,
    review_break_glass,
    revoke_grant,
    set_sensitivity,
    split,
)
from escalations.actions.coming_in import heir_of
from escalations.models import Case, Service, TimelineEntry
from partners.models import Site
from portal.accounts.models import Membership
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM, Actor
from tests.factories.accounts import DelegationFactory
from tests.factories.escalations import CaseFactory, ServiceFactory, associate, hold, person

pytestmark = pytest.mark.django_db
SECRET = "What must not be read"


def case_of(service: Service, site: Site, owner: Actor | None = None) -> Case:
    """A restricted case of one owner, who holds a grant for it since then."""
    case: Case = CaseFactory(service=service, site=site)
    if owner is not None:
        assign(actor=SYSTEM, ref=case.pk, owner_id=owner.user_id)
    set_sensitivity(actor=SYSTEM, ref=case.pk, sensitivity="restricted")
    return Case.objects.select_related("service", "site").get(pk=case.pk)


def wrote(case: Case) -> TimelineEntry:
    return log_contact(actor=SYSTEM, ref=case.pk, channel="email", direction="in", outcome="received", text=SECRET)


def parted(who: Actor, case: Case, entry: TimelineEntry) -> Case:
    part = Part("Second", case.service_id, impact="money", urgency="week")
    return split(actor=who, ref=case.pk, entry_ids=[entry.pk], part=part)


def reads(who: Actor, case: Case) -> bool:
    if not queries.visible_to(who).filter(pk=case.pk).exists():
        return False
    return queries.entries_visible_to(who, case).filter(body__text=SECRET).exists()


def ends(case: Case) -> dict[int, datetime | None]:
    """Until when whom has access to a case."""
    return dict(queries.live_grants(timezone.now()).filter(case=case).values_list("user_id", "expires_at"))


def test_an_owner_who_was_let_out_is_not_let_in_to_what_follows(service: Service, site: Site) -> None:
    bob, lead, ann = associate(service), associate(service, lead=True), associate(service)
    case = case_of(service, site, bob)
    entry = wrote(case)
    hold(case, ann)
    revoke_grant(actor=lead, grant_id=case.grants.get(user_id=bob.user_id).pk)
    new = parted(ann, case, entry)
    assert (reads(ann, new), reads(bob, new)) == (True, False)
    assert heir_of(case).keeping == {ann.user_id: None}, "nor by what the customer writes later"


def test_an_owner_who_is_let_out_owns_the_case_no_more(service: Service, site: Site) -> None:
    """Whether a grant of theirs is withdrawn or an emergency found to be none; who has another one goes on."""
    bob, lead, ann = associate(service), associate(service, lead=True), associate(service)
    case = case_of(service, site, bob)
    revoke_grant(actor=lead, grant_id=hold(case, ann).pk)
    assert Case.objects.get(pk=case.pk).owner_id == bob.user_id
    revoke_grant(actor=lead, grant_id=case.grants.get(user_id=bob.user_id).pk)
    assert Case.objects.get(pk=case.pk).owner_id is None
    assert case.entries.filter(code="assignment.changed").last().params == {"from": bob.user_id, "to": None}
    glass = break_glass(actor=bob, ref=case.pk, reason="Safety tonight")
    assign(actor=bob, ref=case.pk, owner_id=bob.user_id)
    review_break_glass(actor=lead, grant_id=glass.pk, upheld=False)
    assert Case.objects.get(pk=case.pk).owner_id is None


def test_an_owner_let_in_until_friday_has_what_follows_until_friday(service: Service, site: Site) -> None:
    bob, ann, friday = associate(service), associate(service), timezone.now() + timedelta(days=3)
    case = case_of(service, site, bob)
    entry = wrote(case)
    case.grants.filter(user_id=bob.user_id).update(expires_at=friday)
    hold(case, ann)
    assert ends(parted(ann, case, entry)) == {bob.user_id: friday, ann.user_id: None}
    assert heir_of(case).keeping == {bob.user_id: friday, ann.user_id: None}


def test_an_emergency_is_not_lengthened_by_taking_the_case(service: Service, site: Site) -> None:
    bob, ann = associate(service), associate(service)
    case = case_of(service, site)
    entry = wrote(case)
    glass = break_glass(actor=bob, ref=case.pk, reason="Safety tonight")
    assign(actor=bob, ref=case.pk, owner_id=bob.user_id)
    case.refresh_from_db()
    heir = heir_of(case)
    assert (heir.sensitivity, dict(heir.keeping)) == ("confidential", {}), "where nobody is left, as is said"
    assert ends(parted(bob, case, entry)) == {bob.user_id: glass.expires_at}
    hold(case, ann)
    assert ends(parted(ann, case, entry)) == {ann.user_id: None}


def merged(who: Actor, source: Case, target: Case) -> dict[int, datetime | None]:
    """Until when whom has access to what a restricted case was merged into."""
    merge(actor=who, source=source.pk, target=target.pk, reason="One matter")
    assert Case.objects.get(pk=target.pk).sensitivity == "restricted"
    return ends(target)


def test_an_emergency_ends_for_what_the_case_is_merged_into(service: Service, site: Site) -> None:
    """Into a case of one's own, which takes all that the customer writes from then on."""
    bob = associate(service)
    case, own = case_of(service, site), CaseFactory(service=service, site=site, owner=bob.user_id)
    glass = break_glass(actor=bob, ref=case.pk, reason="Safety tonight")
    assert merged(bob, case, own) == {bob.user_id: glass.expires_at}


def test_merging_gives_an_owner_no_more_than_they_had(service: Service, site: Site) -> None:
    """Neither the owner of the case that ends, nor of the one that goes on, if they were let in for a time."""
    ann, bob, eve = (associate(service) for _ in range(3))
    friday = timezone.now() + timedelta(days=3)
    case, other = case_of(service, site, bob), CaseFactory(service=service, site=site, owner=eve.user_id)
    case.grants.filter(user_id=bob.user_id).update(expires_at=friday)
    hold(case, ann)
    hold(case, eve, expires_at=friday)
    assert merged(ann, case, other) == {ann.user_id: None, bob.user_id: friday, eve.user_id: friday}


def test_who_was_let_out_is_not_let_in_by_merging(service: Service, site: Site) -> None:
    ann, bob, eve, lead = associate(service), associate(service), associate(service), associate(service, lead=True)
    case, other = case_of(service, site, bob), CaseFactory(service=service, site=site, owner=eve.user_id)
    hold(case, ann)
    revoke_grant(actor=lead, grant_id=hold(case, eve).pk)
    case.grants.filter(user_id=bob.user_id).update(starts_at=case.opened_at, expires_at=timezone.now())
    assert Case.objects.get(pk=case.pk).owner_id == bob.user_id
    assert merged(ann, case, other) == {ann.user_id: None}
    assert Case.objects.get(pk=other.pk).owner_id is None


def test_an_emergency_ends_for_a_message_of_a_merged_case_that_is_split_off(service: Service, site: Site) -> None:
    """The case that goes on is open to all; what was merged into it became restricted afterwards, on its own page."""
    bob, ann, old = associate(service), associate(service), associate(service)
    source, target = CaseFactory(service=service, site=site), CaseFactory(service=service, site=site)
    entry = wrote(source)
    merge(actor=SYSTEM, source=source.pk, target=target.pk, reason="One matter")
    set_sensitivity(actor=SYSTEM, ref=source.pk, sensitivity="restricted")
    hold(source, ann)
    hold(target, old)  # from when the target was restricted itself
    glass = break_glass(actor=bob, ref=source.pk, reason="Safety tonight")
    new = parted(bob, target, entry)
    assert (new.sensitivity, ends(new)) == ("restricted", {bob.user_id: glass.expires_at, ann.user_id: None})
    assert not reads(old, new)


def test_an_emergency_ends_for_what_is_split_off_a_part_again(service: Service, site: Site) -> None:
    ann, bob = associate(service), associate(service)
    case = case_of(service, site)
    entry = wrote(case)
    hold(case, ann)
    part = parted(ann, case, entry)
    glass = break_glass(actor=bob, ref=part.pk, reason="Safety tonight")
    assert ends(parted(bob, part, entry)) == {bob.user_id: glass.expires_at, ann.user_id: None}


def test_who_left_the_service_is_not_let_in_because_they_own_the_case(service: Service, site: Site) -> None:
    user, lead, other = person("associate", service=service), associate(service, lead=True), ServiceFactory()
    case = CaseFactory(service=service, site=site, owner=user.pk, sensitivity="confidential")
    target = CaseFactory(service=service, site=site, owner=user.pk)
    Membership.objects.filter(user=user).update(service=other)
    bob = actor_for(user)
    assert not queries.visible_to(bob).filter(pk__in=[case.pk, target.pk]).exists()
    set_sensitivity(actor=lead, ref=case.pk, sensitivity="restricted")
    assert ends(case) == {lead.user_id: None}
    assert merged(lead, case, target) == {lead.user_id: None}
    assert set(Case.objects.filter(pk__in=[case.pk, target.pk]).values_list("owner_id", flat=True)) == {None}


@pytest.mark.parametrize("way", ["create", "restrict"])
def test_a_stand_in_keeps_what_they_restricted_as_long_as_they_stand_in(service: Service, site: Site, way: str) -> None:
    boss, user = person("associate", service=service), person("associate", service=ServiceFactory())
    stands = DelegationFactory(principal=boss, delegate=user)
    someone = actor_for(user)
    if way == "create":
        words: dict[str, Any] = {
            "subject": "Matter",
            "severity_override": 3,
            "override_reason": "Test",
            "sensitivity": "restricted",
        }
        case = create_case(actor=someone, service_id=service.pk, site_id=site.pk, **words)
    else:
        case = CaseFactory(service=service, site=site, owner=boss.pk)
        set_sensitivity(actor=someone, ref=case.pk, sensitivity="restricted")
    assert ends(case)[user.pk] == stands.ends_at
    assert way == "create" or ends(case)[boss.pk] is None
