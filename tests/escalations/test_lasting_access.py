"""Access that was withdrawn, that ends, or that was an emergency does not become access without an end by any other way."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from escalations import queries
from escalations.actions import Part, assign, break_glass, log_contact, revoke_grant, set_sensitivity, split
from escalations.actions.coming_in import heir_of
from escalations.models import Case, Service, TimelineEntry
from partners.models import Site
from portal.accounts.rules import SYSTEM, Actor
from tests.factories.escalations import CaseFactory, associate, hold

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
