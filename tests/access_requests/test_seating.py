"""Seats: counted at the approval, what unused ones cost, and who sees that."""

from decimal import Decimal

import pytest
from django.test import Client

from access_requests.actions import Line, decide, raise_request
from access_requests.choices import ItemState, Verdict
from access_requests.models import Decision, Entitlement, Grant, RequestItem
from partners.models import Site
from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from tests.factories.access import EntitlementFactory, GrantFactory, SystemFactory, bundle_of
from tests.factories.partners import JobRoleFactory, PlacementFactory, SiteFactory, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return SiteFactory.create(name="Chengdu")


@pytest.fixture
def desk() -> Entitlement:
    """Three seats, one of them taken elsewhere."""
    system = SystemFactory.create(code="desk", seat_limit=3, seat_cost=Decimal("12.50"), currency="EUR")
    one = EntitlementFactory.create(system=system)
    GrantFactory.create(person=PlacementFactory.create().person, entitlement=one)
    return one


def asked(site: Site, one: Entitlement, people: int = 1) -> list[RequestItem]:
    lines = [Line(PlacementFactory.create(site=site).person_id, one.pk) for _ in range(people)]
    lead = actor_for(user(Role.PARTNER_LEAD, site=site))
    return list(raise_request(actor=lead, kind="ad_hoc", site_id=site.pk, lines=lines).items.order_by("pk"))


def browser(who: User) -> Client:
    client = Client()
    client.force_login(who)
    return client


def test_no_more_is_approved_than_there_are_seats(site: Site, desk: Entitlement) -> None:
    manager = user(Role.MANAGER, site=site)
    items = asked(site, desk, 4)
    page = browser(manager).get(f"/access/approvals/AR-{items[0].request_id}/").text
    assert page.count("No seat free") == 2
    outcome = decide(actor=actor_for(manager), item_ids=[one.pk for one in items], verdict=Verdict.APPROVED)
    assert outcome.decided == [items[0].pk, items[1].pk]
    assert outcome.skipped == {items[2].pk: "no_seat", items[3].pk: "no_seat"}
    # What is agreed to and not handed over yet counts; no vote was written about the rest, which may be rejected.
    assert decide(actor=actor_for(manager), item_ids=[items[2].pk], verdict=Verdict.APPROVED).decided == []
    assert Decision.objects.filter(item=items[2]).count() == 0
    decide(actor=actor_for(manager), item_ids=[items[2].pk], verdict=Verdict.REJECTED, comment="No room")
    desk.system.seat_limit = 4
    desk.system.save()
    assert decide(actor=actor_for(manager), item_ids=[items[3].pk], verdict=Verdict.APPROVED).decided == [items[3].pk]
    states = list(RequestItem.objects.order_by("pk").values_list("state", flat=True))
    assert states == [ItemState.APPROVED, ItemState.APPROVED, ItemState.REJECTED, ItemState.APPROVED]


def test_who_has_a_seat_already_needs_no_second_one(site: Site, desk: Entitlement) -> None:
    desk.system.seat_limit = 1
    desk.system.save()
    holder = PlacementFactory.create(site=site).person
    Grant.objects.update(person=holder)
    more = EntitlementFactory.create(system=desk.system)
    lead = actor_for(user(Role.PARTNER_LEAD, site=site))
    lines = [Line(holder.pk, more.pk)]
    item = raise_request(actor=lead, kind="ad_hoc", site_id=site.pk, lines=lines).items.get()
    outcome = decide(actor=actor_for(user(Role.MANAGER, site=site)), item_ids=[item.pk], verdict=Verdict.APPROVED)
    assert outcome.decided == [item.pk]


def test_the_approver_reads_why(site: Site, desk: Entitlement) -> None:
    desk.system.seat_limit = 1
    desk.system.save()
    [item] = asked(site, desk)
    data = {"verdict": "approved", "item": item.pk, "next": "/access/approvals/"}
    page = browser(user(Role.MANAGER, site=site)).post("/access/approvals/decide/", data, follow=True).text
    assert "No seat is free in this system. Ask its owner for more, or reject it." in page


def test_managers_see_what_unused_seats_cost_and_who_waits(site: Site, desk: Entitlement) -> None:
    asked(site, desk, 2)
    GrantFactory.create(person=PlacementFactory.create(site=site).person, entitlement=desk)
    manager = browser(user(Role.MANAGER, site=site))
    page = manager.get("/access/config/systems/desk/").text
    # Two are taken, one of them at another site: one is left, for whoever comes first.
    for text in (
        "2 of 3",
        "Of these at my sites</dt><dd>1<",
        "Unused seats</dt><dd>1, 12.50 EUR<",
        "People waiting</dt><dd>2<",
    ):
        assert text in page, text
    assert "Seats that nobody uses cost 12.50 EUR a month." in manager.get("/access/config/systems/").text
    lead = browser(user(Role.PARTNER_LEAD, site=site))
    for url in ("/access/config/systems/", "/access/config/systems/desk/"):
        shown = lead.get(url).text
        assert "EUR" not in shown
        assert "Unused" not in shown
        assert "1 of 3" in shown


def test_seats_taken_elsewhere_make_it_full_for_everybody(site: Site, desk: Entitlement) -> None:
    for _ in range(2):
        GrantFactory.create(person=PlacementFactory.create().person, entitlement=desk)
    page = browser(user(Role.MANAGER, site=site)).get("/access/config/systems/desk/").text
    assert "All seats are taken" in page
    assert "3 of 3" in page


def test_a_new_version_says_who_it_concerns_and_where_seats_are_short(site: Site, desk: Entitlement) -> None:
    bundle = bundle_of(job_role=JobRoleFactory.create(), birthright=True)
    people = [PlacementFactory.create(site=site, job_role=bundle.job_role).person for _ in range(3)]
    admin = browser(user(Role.ADMINISTRATOR))
    data = {"version": bundle.version, "entitlements": [desk.pk], "step": "preview"}
    page = admin.post(f"/access/config/bundles/{bundle.code}/version/", data).text
    assert f"{desk.system.name}: 3 seats are needed, 2 are free." in page
    assert "Chengdu: 3 people" in page
    assert all(person.name in page for person in people)
    # Whoever has a seat there needs no other.
    more = EntitlementFactory.create(system=desk.system)
    GrantFactory.create(person=people[0], entitlement=more)
    desk.system.seat_limit = 4
    desk.system.save()
    page = admin.post(f"/access/config/bundles/{bundle.code}/version/", data).text
    assert "seats are needed" not in page
