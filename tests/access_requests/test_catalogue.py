"""The catalogue through its pages: who may look and change, version conflicts, what archiving leaves behind."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from access_requests.actions import Line, catalogue, raise_request
from access_requests.actions.approving import default_rule
from access_requests.choices import ItemState, Operation
from access_requests.models import ApprovalRule, Entitlement, Grant, GrantReason, Group, RequestItem, System
from partners.models import Site
from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM
from portal.audit.models import AuditEntry
from tests.factories.access import (
    ApprovalRuleFactory,
    ApprovalStageFactory,
    EntitlementFactory,
    GrantFactory,
    GrantReasonFactory,
    GroupFactory,
    GroupMemberFactory,
    SystemFactory,
    bundle_of,
)
from tests.factories.partners import PlacementFactory, SiteFactory, user

pytestmark = pytest.mark.django_db


def browser(who: User) -> Client:
    """A client signed in."""
    client = Client()
    client.force_login(who)
    return client


@pytest.fixture
def site() -> Site:
    return SiteFactory.create(name="Chengdu")


@pytest.fixture
def admin() -> User:
    return user(Role.ADMINISTRATOR)


@pytest.fixture
def client(admin: User) -> Client:
    return browser(admin)


def filled(**changes: object) -> dict[str, object]:
    """What the form of a system posts."""
    return {
        "name": "VPN", "channel": "manual", "proof": "lead", "data_class": "internal", "lead_minutes": "60", **changes,
    }  # fmt: skip


def test_a_system_is_added_changed_and_its_token_never_shown(client: Client) -> None:
    form = filled(
        code="vpn", name_zh="虚拟专网", channel="scim", scim_url="https://idp.example/scim", scim_token="s3cret"
    )
    assert client.post("/access/config/systems/new/", form)["Location"] == "/access/config/systems/vpn/"
    row = System.objects.get(code="vpn")
    assert (row.name_zh, row.channel) == ("虚拟专网", "scim")
    assert "s3cret" not in row.scim_token
    shown = client.get("/access/config/systems/vpn/").text
    assert "https://idp.example/scim" in shown
    edited = client.get("/access/config/systems/vpn/change/").text
    assert "s3cret" not in edited + shown
    assert row.scim_token not in edited + shown
    client.post("/access/config/systems/vpn/change/", {**form, "scim_token": "", "version": 1, "name": "Tunnel"})
    before = row.scim_token
    row.refresh_from_db()
    assert (row.name, row.scim_token, row.version) == ("Tunnel", before, 2)
    entry = AuditEntry.objects.get(verb="system.changed")
    assert entry.changes == {"name": True}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"channel": "email"}, "Say which address takes the tickets."),
        ({"channel": "webhook"}, "Choose the webhook."),
        ({"channel": "scim"}, "Say at which address the directory is."),
        ({"channel": "scim", "scim_url": "http://u:p@host/"}, "Requests may not go to this address."),
        ({"seat_cost": "12.50"}, "Say in which currency"),
        ({"proof": "read_back"}, "Only a system with the SCIM channel can be read back."),
        ({"code": "new"}, "this one is an address already"),
        ({"code": "taken"}, "Another one has this code."),
        ({"seat_limit": "-1"}, "greater than or equal to 0"),
        ({"name": "a\0b"}, "Null characters are not allowed."),
        ({"owner": "999999"}, "Select a valid choice."),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(client: Client, changes: dict[str, object], said: str) -> None:
    SystemFactory.create(code="taken")
    answer = client.post("/access/config/systems/new/", filled(**{"code": "fresh", **changes}))
    assert answer.status_code == 422
    assert said in answer.text
    assert not System.objects.filter(code="fresh").exists()


def test_the_second_of_two_editors_is_told_what_changed(client: Client) -> None:
    other = browser(user(Role.ADMINISTRATOR))
    SystemFactory.create(code="vpn", name="VPN")
    client.post("/access/config/systems/vpn/change/", filled(version=1, name="First", seat_limit="7"))
    answer = other.post("/access/config/systems/vpn/change/", filled(version=1, name="Second"))
    assert answer.status_code == 409
    assert "Name is now First" in answer.text
    assert "Seats is now 7" in answer.text
    assert 'value="Second"' in answer.text
    again = other.post("/access/config/systems/vpn/change/", filled(version=2, name="Second"))
    assert again.status_code == 302
    assert System.objects.get(code="vpn").name == "Second"


def test_seats_and_cost_are_counted_by_people_and_site(client: Client, site: Site) -> None:
    system = SystemFactory.create(code="crm", seat_limit=2, seat_cost=Decimal("12.50"), currency="EUR")
    one, two = EntitlementFactory.create_batch(2, system=system)
    here = [PlacementFactory.create(site=site).person for _ in range(2)]
    for person in here:
        GrantFactory.create(person=person, entitlement=one)
    GrantFactory.create(person=here[0], entitlement=two)  # the same seat
    GrantFactory.create(person=PlacementFactory.create().person, entitlement=one, ended_at="2026-01-01T00:00Z",
                        started_at="2025-01-01T00:00Z")  # fmt: skip
    shown = client.get("/access/config/systems/crm/").text
    assert "2 of 2" in shown
    assert "25.00 EUR" in shown
    assert "All seats are taken" in shown
    listed = client.get("/access/config/systems/").text
    assert "25.00 EUR" in listed
    # The lead sees the own site's number and no money; another site's lead none of them.
    lead = browser(user(Role.PARTNER_LEAD, site=site)).get("/access/config/systems/crm/").text
    assert "2 of 2" in lead
    assert "EUR" not in lead
    foreign = browser(user(Role.PARTNER_LEAD, site=SiteFactory.create())).get("/access/config/systems/crm/").text
    assert "0 of 2" in foreign
    assert "Chengdu" not in foreign


def test_it_sees_its_own_systems_alone() -> None:
    it = user(Role.IT)
    mine = SystemFactory.create(code="mine", channel="email", ticket_address="desk@it.example")
    GroupMemberFactory.create(group=mine.group, user=it)
    SystemFactory.create(code="theirs")
    browsing = browser(it)
    listed = browsing.get("/access/config/systems/").text
    assert "/access/config/systems/mine/" in listed
    assert "/access/config/systems/theirs/" not in listed
    assert browsing.get("/access/config/systems/theirs/").status_code == 404
    assert "desk@it.example" in browsing.get("/access/config/systems/mine/").text
    assert browsing.get("/access/config/systems/mine/change/").status_code == 403
    assert browsing.get("/access/config/bundles/").status_code == 404


def test_nobody_but_administrators_changes_anything(site: Site) -> None:
    for role in (Role.COORDINATOR, Role.MANAGER, Role.PARTNER_LEAD):
        with pytest.raises(PermissionDenied):
            catalogue.add_group(actor=actor_for(user(role, site=site)), code="g", values=catalogue.GroupValues("Group"))
    assert not Group.objects.exists()


def test_the_archived_is_not_offered_and_stays_in_history(client: Client, admin: User, site: Site) -> None:
    one = EntitlementFactory.create(name="Console", code="console")
    person = PlacementFactory.create(site=site).person
    lead = actor_for(user(Role.PARTNER_LEAD, site=site))
    item = raise_request(actor=lead, kind="ad_hoc", site_id=site.pk, lines=[Line(person.pk, one.pk)]).items.get()
    offered = client.get("/access/config/conflicts/new/").text
    assert "Console" in offered
    client.post(f"/access/config/entitlements/{one.pk}/archive/", {"version": 1, "archived": "1"})
    assert "Console" not in client.get("/access/config/conflicts/new/").text
    assert "Console" in client.get(f"/access/config/entitlements/{one.pk}/").text
    item.refresh_from_db()
    assert item.state == ItemState.AWAITING_APPROVAL
    with pytest.raises(Exception, match="entitlement_unknown"):
        raise_request(actor=lead, kind="ad_hoc", site_id=site.pk, lines=[Line(person.pk, one.pk)])
    client.post(f"/access/config/entitlements/{one.pk}/archive/", {"version": 2, "archived": "0"})
    assert Entitlement.objects.get().archived_at is None


def test_what_is_archived_is_taken_from_all_who_hold_it_site_by_site(client: Client, admin: User) -> None:
    system = SystemFactory.create(code="old")
    one = EntitlementFactory.create(system=system)
    bundle = bundle_of(one)
    sites = SiteFactory.create_batch(2)
    for site in (*sites, sites[0]):
        grant = GrantFactory.create(person=PlacementFactory.create(site=site).person, entitlement=one)
        GrantReason.objects.create(grant=grant, kind="bundle", bundle=bundle, starts_at=grant.started_at)
    GrantReasonFactory.create(grant=Grant.objects.first())
    still = client.post("/access/config/systems/old/revoke/", follow=True).text
    assert "This is still offered. Archive it first." in still
    shown = client.post("/access/config/systems/old/archive/", {"version": 1, "archived": "1"}, follow=True).text
    assert "Archived, but 3 people still hold it." in shown
    for expected in ("2 requests to take it away were sent", "Nobody holds it any more"):
        assert expected in client.post("/access/config/systems/old/revoke/", follow=True).text
    items = RequestItem.objects.filter(operation=Operation.REVOKE)
    assert set(items.values_list("state", flat=True)) == {ItemState.APPROVED}
    assert sorted(items.values_list("request__site", flat=True)) == sorted([sites[0].pk, sites[0].pk, sites[1].pk])
    assert {one.request.requested_by for one in items} == {admin}


def test_members_come_and_go(client: Client) -> None:
    group, it = GroupFactory.create(code="desk"), user(Role.IT)
    agent = user(Role.AGENT, site=SiteFactory.create())
    assert client.post("/access/config/groups/desk/members/", {"user": agent.pk}).status_code == 422
    for said in ("Added to the group", "in the group already"):
        assert said in client.post("/access/config/groups/desk/members/", {"user": it.pk}, follow=True).text
    member = group.members.get()
    for _twice in range(2):
        client.post(f"/access/config/groups/desk/members/{member.pk}/end/")
    assert group.members.filter(ended_at=None).count() == 0
    assert AuditEntry.objects.filter(verb="access_group.member_ended").count() == 1
    SystemFactory.create(group=group)
    refused = client.post("/access/config/groups/desk/archive/", {"version": 1, "archived": "1"}, follow=True).text
    assert "uses this group" in refused
    assert "Nobody is in this group" in refused


def test_other_stages_leave_alone_what_waits(client: Client, site: Site) -> None:
    rule = ApprovalRuleFactory.create(code="payments", name="Payments")
    ApprovalStageFactory.create(rule=rule, number=1, kind="site_manager")
    one = EntitlementFactory.create(rule=rule)
    lead = actor_for(user(Role.PARTNER_LEAD, site=site))
    person = PlacementFactory.create(site=site).person
    item = raise_request(actor=lead, kind="ad_hoc", site_id=site.pk, lines=[Line(person.pk, one.pk)]).items.get()
    group = GroupFactory.create()
    form = {"version": 1, "name": "Payments", "kind_1": "group_any"}
    assert "Choose the group that decides." in client.post("/access/config/approval-rules/payments/change/", form).text
    client.post(
        "/access/config/approval-rules/payments/change/", {**form, "group_1": group.pk, "kind_3": "system_owner"}
    )
    new = ApprovalRule.objects.get(code="payments")
    assert list(new.stages.values_list("number", "kind")) == [(1, "group_any"), (2, "system_owner")]
    item.refresh_from_db()
    one.refresh_from_db()
    assert (item.rule, one.rule) == (rule, new)
    rule.refresh_from_db()
    assert (rule.code, rule.archived_at is not None, rule.stages.get().kind) == ("payments-v1", True, "site_manager")
    late = client.post(
        "/access/config/approval-rules/payments/change/", {**form, "version": 1, "kind_1": "site_manager"}
    )
    assert late.status_code == 409
    kept = client.post("/access/config/approval-rules/payments/archive/", {"version": 2, "archived": "1"}, follow=True)
    assert "uses this rule" in kept.text


def test_the_rule_that_applies_elsewhere_stays() -> None:
    with pytest.raises(Exception, match="rule_is_default"):
        catalogue.archive_rule(actor=SYSTEM, code=default_rule().code)
