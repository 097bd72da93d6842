"""The approvals page and its forms, as somebody who decides sees them."""

from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from access_requests.actions import ask_exception
from access_requests.choices import ItemState, StageKind
from access_requests.models import Decision, RequestItem
from partners.models import Site
from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from tests.factories.access import EntitlementFactory, SystemFactory
from tests.factories.partners import SiteFactory, user

from .approving import asked, rule_of, stands_in
from .test_exceptions import blocked

pytestmark = pytest.mark.django_db
URL = "/access/approvals/"


@pytest.fixture
def site() -> Site:
    return SiteFactory.create()


@pytest.fixture
def manager(site: Site) -> User:
    return user(
        Role.MANAGER,
        site=site,
    )


def client_of(who: User) -> Client:
    client = Client()
    client.force_login(who)
    return client


def page(who: User, url: str = URL) -> str:
    response = client_of(who).get(url)
    assert response.status_code == 200, response.status_code
    return unescape(response.content.decode())


def test_what_waits_stands_under_its_request_with_the_count_in_the_navigation(site: Site, manager: User) -> None:
    items = [asked(site), asked(site)]
    shown = page(manager)
    for item in items:
        assert item.request.ref in shown
        assert item.person.label in shown
        assert f'name="request" id="pick-{item.request_id}"' in shown
    assert '<span class="count" id="count-approvals" hx-swap-oob="true">2</span>' in page(manager, "/ui/counts/")
    assert page(user(Role.MANAGER, site=SiteFactory.create())).count("Nothing waits for you") == 1


def test_a_stand_in_sees_for_whom_and_own_matters_have_no_box(site: Site, manager: User) -> None:
    deputy = user(Role.COORDINATOR, site=site)
    stands_in(deputy, manager)
    theirs, own, principals = asked(site), asked(site, by=deputy), asked(site, by=manager)
    shown = page(deputy)
    # In the line of the request, and in the corner of who is signed in.
    assert shown.count(f"for {manager.name}") == 2
    assert "Whoever you stand in for asked for this" in shown
    assert f'id="pick-{principals.request_id}"' not in shown
    assert f'id="pick-{theirs.request_id}"' in shown
    assert f'id="pick-{own.request_id}"' not in shown
    assert "Somebody else decides" in shown


def test_whole_requests_are_approved_at_once(site: Site, manager: User) -> None:
    items = [asked(site), asked(site), asked(site)]
    data = {"verdict": "approved", "request": [items[0].request_id, items[1].request_id], "comment": "For the wave"}
    response = client_of(manager).post(f"{URL}decide/", data, follow=True)
    assert "2 items approved" in response.content.decode()
    assert set(Decision.objects.values_list("comment", flat=True)) == {"For the wave"}
    states = [RequestItem.objects.get(pk=one.pk).state for one in items]
    assert states == [ItemState.APPROVED, ItemState.APPROVED, ItemState.AWAITING_APPROVAL]


def test_a_rejection_asks_for_its_reason_and_then_says_it(site: Site, manager: User) -> None:
    item = asked(site)
    client = client_of(manager)
    response = client.post(f"{URL}decide/", {"verdict": "rejected", "request": item.request_id})
    assert response.status_code == 422
    assert "Say why not" in response.content.decode()
    assert f'name="item" value="{item.pk}"' in response.content.decode()
    data = {"verdict": "rejected", "item": item.pk, "comment": "Use the shared account", "next": "//evil.example/"}
    response = client.post(f"{URL}decide/", data)
    assert response["Location"] == URL
    assert "Use the shared account" in page(manager, f"{URL}?tab=decided")


def test_every_item_that_is_left_says_why(site: Site, manager: User) -> None:
    mine, own = asked(site), asked(site, by=manager)
    owner = user(None)
    other = asked(site, rule_of({"kind": StageKind.SYSTEM_OWNER}), system=SystemFactory.create(owner=owner))
    data = {"verdict": "approved", "item": [mine.pk, own.pk, other.pk]}
    shown = client_of(manager).post(f"{URL}decide/", data).content.decode()
    assert "1 item approved" in shown
    assert "You asked for this, or it is for you. Somebody else decides it." in shown
    assert "Somebody else decides this." in shown


@pytest.mark.parametrize("data", [
    {"verdict": "approved"},
    {"verdict": "approved", "item": ["x", "9" * 40, "-1", "\0"]},
    {"verdict": "approved", "request": "999999999"},
])  # fmt: skip
def test_nothing_picked_is_said(manager: User, data: dict[str, object]) -> None:
    response = client_of(manager).post(f"{URL}decide/", data)
    assert response.status_code == 422
    assert "Choose at least one item first." in response.content.decode()


def test_bad_addresses_are_not_found(site: Site, manager: User) -> None:
    client, item = client_of(manager), asked(SiteFactory.create())
    assert client.post(f"{URL}decide/", {"verdict": "perhaps"}).status_code == 404
    assert client.get(f"{URL}?tab=nonsense").status_code == 404
    assert client.get(f"{URL}?cursor=nonsense").status_code == 400
    assert client.get(f"{URL}{item.request.ref}/").status_code == 404
    assert client.get(f"{URL}?tab=decided&cursor=%00").status_code == 400


def test_the_sites_tab_is_read_only_and_names_who_decides(site: Site, manager: User) -> None:
    item = asked(site)
    coordinator = user(Role.COORDINATOR, site=site)
    shown = page(coordinator, f"{URL}?tab=sites")
    assert item.request.ref in shown
    assert f"Waits for {manager.name}" in shown
    assert 'name="verdict"' not in shown
    assert client_of(user(Role.AGENT, site=site)).get(f"{URL}?tab=sites").status_code == 404


def test_what_nobody_can_decide_is_marked_for_administrators_and_the_manager_decides_it(
    site: Site, manager: User
) -> None:
    item = asked(site, rule_of({"kind": StageKind.SYSTEM_OWNER}), system=SystemFactory.create(owner=None))
    assert "Nobody can decide" in page(user(Role.ADMINISTRATOR), f"{URL}?tab=sites")
    shown = page(manager)
    assert "Nobody can decide" in shown
    assert f'id="pick-{item.request_id}"' in shown


def test_the_page_of_one_request_offers_its_items_one_by_one(site: Site, manager: User) -> None:
    item = asked(site, privileged=True, max_days=30)
    shown = page(manager, f"{URL}{item.request.ref}/")
    assert f'name="item" id="pick-item-{item.pk}"' in shown
    assert "Privileged" in shown
    assert item.request.requested_by is not None
    lead = page(item.request.requested_by, f"{URL}{item.request.ref}/")
    assert f"Waits for {manager.name}" in lead
    assert 'name="verdict"' not in lead


def test_as_many_queries_for_many_as_for_one(site: Site, manager: User, django_assert_max_num_queries: object) -> None:
    for _ in range(12):
        asked(site, EntitlementFactory.create().rule)
    client = client_of(manager)
    for url in (URL, f"{URL}?tab=sites"):
        with django_assert_max_num_queries(34):  # type: ignore[operator]
            client.get(url)


def test_an_exception_is_asked_for_and_granted_through_the_pages(site: Site, manager: User) -> None:
    lead = user(Role.PARTNER_LEAD, site=site)
    item = blocked(site, lead)
    client, url = client_of(lead), f"/access/items/{item.pk}/exception/"
    assert "nobody holds" in page(lead, url)
    late = {"reason": "Month end", "ends_on": str(timezone.localdate() + timedelta(days=4000))}
    assert "at most 366 days ahead" in client.post(url, late).content.decode()
    until = str(timezone.localdate() + timedelta(days=20))
    assert client.post(url, {"reason": "Month end", "ends_on": until}).status_code == 302
    wanted = item.exception_requests.get()
    assert f"/access/exceptions/asked/{wanted.pk}/" in page(manager)
    assert "Somebody else decides this." in page(lead, f"/access/exceptions/asked/{wanted.pk}/")
    response = client_of(manager).post(f"/access/exceptions/asked/{wanted.pk}/", {"verdict": "rejected"})
    assert response.status_code == 422
    client_of(manager).post(f"/access/exceptions/asked/{wanted.pk}/", {"verdict": "approved"})
    item.refresh_from_db()
    assert item.state == ItemState.AWAITING_APPROVAL


def test_who_cannot_ask_is_refused(site: Site, manager: User) -> None:
    item = blocked(site, user(Role.PARTNER_LEAD, site=site))
    url = f"/access/items/{item.pk}/exception/"
    assert client_of(user(Role.AUDITOR)).get(url).status_code == 403
    assert client_of(user(Role.AGENT, site=site)).get(url).status_code == 404
    wanted = ask_exception(
        actor=actor_for(manager), item_id=item.pk, reason="Why not", ends_at=timezone.now() + timedelta(days=3)
    )  # fmt: skip
    assert client_of(user(Role.AUDITOR)).post(f"/access/exceptions/asked/{wanted.pk}/").status_code == 403
