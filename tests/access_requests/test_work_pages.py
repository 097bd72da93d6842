"""IT's queue, failures, what is to be confirmed: who sees what, in what order, and what came of each item."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from access_requests.actions import claim, dispatch, fail
from access_requests.models import Entitlement, RequestItem
from partners.models import Site
from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM
from tests.access_requests.carrying import agent, asked, entitlement
from tests.factories.access import GrantFactory, GroupMemberFactory, RequestItemFactory, SystemFactory
from tests.factories.partners import SiteFactory, signed_in, user

pytestmark = pytest.mark.django_db
WORK, FAILURES, CONFIRM = (reverse(f"access:{name}") for name in ("work", "failures", "confirm"))


@pytest.fixture
def site() -> Site:
    return SiteFactory.create()


@pytest.fixture
def tool() -> Entitlement:
    return entitlement(SystemFactory.create(name="Booking tool"), "booking")


@pytest.fixture
def worker(tool: Entitlement) -> User:
    member = user(Role.IT)
    GroupMemberFactory.create(group=tool.system.group, user=member)
    return member


def client_of(somebody: User) -> Client:
    client = Client()
    client.force_login(somebody)
    return client


def handed_over(site: Site, tool: Entitlement) -> RequestItem:
    item = asked(agent(site), tool)
    dispatch()
    return item


def test_it_sees_its_systems_removals_first_and_of_the_person_only_what_it_needs(
    site: Site, tool: Entitlement, worker: User
) -> None:
    later, sooner = handed_over(site, tool), handed_over(site, tool)
    RequestItem.objects.filter(pk=sooner.pk).update(due_at=timezone.now() - timedelta(hours=1))
    leaver = agent(site)
    GrantFactory.create(person=leaver, entitlement=tool)
    removal = asked(leaver, tool, "revoke")
    elsewhere = handed_over(site, entitlement(SystemFactory.create(), "other"))
    dispatch()
    page = client_of(worker).get(WORK)
    assert [row.item.pk for row in page.context["rows"]] == [removal.pk, sooner.pk, later.pk]
    html = page.content.decode()
    assert "3 items to do" in html
    assert f"i{elsewhere.pk}" not in html
    assert later.person.email in html
    assert site.name in html
    assert "Agent" not in later.person.name
    assert client_of(worker).get(reverse("partners:person", args=[later.person_id])).status_code == 404
    assert client_of(worker).get(reverse("access:item", args=[elsewhere.pk])).status_code == 404
    assert client_of(user(Role.IT)).get(WORK).context["rows"] == []
    assert signed_in(Role.PARTNER_LEAD, site=site).get(WORK).status_code == 404


def test_the_queue_is_narrowed_and_nonsense_is_ignored(site: Site, tool: Entitlement, worker: User) -> None:
    item, client = handed_over(site, tool), client_of(worker)
    assert client.get(WORK, {"system": tool.system_id, "operation": "grant", "taken": "nobody"}).context["rows"]
    assert not client.get(WORK, {"operation": "revoke"}).context["rows"]
    assert not client.get(WORK, {"taken": "mine"}).context["rows"]
    page = client.get(WORK, {"state": "'", "system": "9" * 30, "operation": "\0", "taken": "x"})
    assert [row.item.pk for row in page.context["rows"]] == [item.pk]
    assert client.get(WORK, {"cursor": "x"}).status_code == 400


def test_several_at_once_and_what_came_of_each(site: Site, tool: Entitlement, worker: User) -> None:
    first, second, client = handed_over(site, tool), handed_over(site, tool), client_of(worker)
    url, both = reverse("access:work-bulk"), [first.pk, second.pk]
    page = client.post(url, {"op": "take", "item": both, "next": WORK}, follow=True)
    assert "2 items done" in page.content.decode()
    client.post(url, {"op": "done", "item": [first.pk], "ticket": "INC-1"})
    page = client.post(url, {"op": "done", "item": [*both, 10**15, "x"], "ticket": "INC-2"})
    html = page.content.decode()
    assert "1 item done" in html
    assert "2 items were left" in html
    assert "It has moved on" in html
    assert "There is no such item for you" in html
    assert RequestItem.objects.get(pk=first.pk).ticket == "INC-1"
    page = client.post(url, {"op": "failed", "item": [second.pk]}, follow=True)
    assert "Say what went wrong" in page.content.decode()
    page = client.post(url, {"op": "done"}, follow=True)
    assert "Pick at least one item" in page.content.decode()
    assert client.post(url, {"op": "nonsense", "item": both}).status_code == 404
    assert client.get(url).status_code == 405


def test_failures_belong_to_it_and_to_the_owner(site: Site, tool: Entitlement, worker: User) -> None:
    owner = user(Role.MANAGER, site=site)
    type(tool.system).objects.filter(pk=tool.system_id).update(owner=owner)
    item = handed_over(site, tool)
    fail(actor=actor_for(worker), item_ids=[item.pk], why="No such role")
    for somebody in (owner, worker, user(Role.ADMINISTRATOR)):
        html = client_of(somebody).get(FAILURES).content.decode()
        assert "No such role" in html, somebody
    assert signed_in(Role.PARTNER_LEAD, site=site).get(FAILURES).status_code == 404
    assert signed_in(Role.IT).get(FAILURES).context["rows"] == []
    page = client_of(owner).get(reverse("access:item", args=[item.pk]))
    assert "Try again" in page.content.decode()
    client_of(owner).post(reverse("access:failures-bulk"), {"op": "retry", "item": item.pk})
    item.refresh_from_db()
    assert (item.state, item.generation) == ("sent", 2)


def test_a_failed_removal_is_not_closed(site: Site, tool: Entitlement, worker: User) -> None:
    leaver = agent(site)
    GrantFactory.create(person=leaver, entitlement=tool)
    removal = asked(leaver, tool, "revoke")
    dispatch()
    fail(actor=actor_for(worker), item_ids=[removal.pk], why="Locked")
    page = client_of(worker).post(reverse("access:failures-bulk"), {"op": "close", "item": removal.pk})
    assert "1 item was left" in page.content.decode()
    removal.refresh_from_db()
    assert removal.state == "failed_final"


def test_the_lead_confirms_or_says_that_it_does_not_work(site: Site, tool: Entitlement, worker: User) -> None:
    good, bad, foreign = handed_over(site, tool), handed_over(site, tool), handed_over(SiteFactory.create(), tool)
    claim(actor=SYSTEM, item_ids=[good.pk, bad.pk, foreign.pk])
    lead = signed_in(Role.PARTNER_LEAD, site=site)
    page = lead.get(CONFIRM)
    assert {row.item.pk for row in page.context["rows"]} == {good.pk, bad.pk}
    url = reverse("access:confirm-bulk")
    page = lead.post(url, {"op": "confirm", "item": [good.pk, foreign.pk]})
    assert "1 item done" in page.content.decode()
    page = lead.post(url, {"op": "dispute", "item": bad.pk, "why": "Cannot sign in"}, follow=True)
    states = dict(RequestItem.objects.values_list("pk", "state"))
    assert states == {good.pk: "verified", bad.pk: "failed_final", foreign.pk: "claimed_done"}
    html = client_of(worker).get(reverse("access:item", args=[bad.pk])).content.decode()
    assert html.count("Cannot sign in") == 2, "on top and in the history"
    assert client_of(worker).get(CONFIRM).status_code == 404


def test_a_page_costs_the_same_whatever_there_is(site: Site, tool: Entitlement, worker: User) -> None:
    client, person = client_of(worker), agent(site)
    costs = []
    for number in (3, 60):
        for _ in range(number):
            RequestItemFactory.create(person=agent(site), entitlement=tool, state="sent", taken_by=worker)
        client.get(WORK)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            page = client.get(WORK)
        costs.append(len(caught))
    assert costs[0] == costs[1]
    assert len(page.context["rows"]) == 50
    seen = {row.item.pk for row in page.context["rows"]}
    more = client.get(WORK, {"cursor": page.context["page"].next_cursor}).context["rows"]
    assert len(seen | {row.item.pk for row in more}) == 63
    assert person.pk not in {row.item.person_id for row in [*page.context["rows"], *more]}
