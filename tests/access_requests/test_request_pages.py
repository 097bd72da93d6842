"""The list of requests, a request's page, leavers reported from the page of a person; by role, and what they cost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access_requests.actions import Line, raise_request, submit_request
from access_requests.choices import ItemState, Operation, RequestState
from access_requests.models import AccessRequest, GrantReason
from partners.models import Person, Site
from portal.accounts.choices import Role
from portal.accounts.rules import Actor
from tests.factories.access import EntitlementFactory, GrantFactory, GrantReasonFactory
from tests.factories.partners import PlacementFactory, SiteFactory, actor, days, signed_in, user

pytestmark = pytest.mark.django_db
LIST = "/access/requests/"


@pytest.fixture
def site() -> Site:
    return SiteFactory.create(time_zone="UTC")


@pytest.fixture
def lead(site: Site) -> Client:
    return signed_in(Role.PARTNER_LEAD, site=site)


@pytest.fixture
def manager(site: Site) -> Actor:
    return actor(Role.MANAGER, site=site)


def agent(site: Site) -> Person:
    person: Person = PlacementFactory.create(site=site).person
    return person


def asked(by: Actor, site: Site, number: int = 1, **fields: object) -> AccessRequest:
    lines = [Line(agent(site).pk, EntitlementFactory.create(name=f"Tool {n}").pk) for n in range(number)]
    return raise_request(actor=by, kind="ad_hoc", site_id=site.pk, lines=lines, **fields)


def holder(site: Site) -> Person:
    person = agent(site)
    grant = GrantFactory.create(person=person, entitlement=EntitlementFactory.create(name="Case desk"))
    GrantReasonFactory.create(grant=grant)
    return person


def test_each_sees_the_requests_of_their_sites(site: Site, lead: Client, manager: Actor) -> None:
    request = asked(manager, site)
    name = request.items.get().person.name
    for reader in (lead, signed_in(Role.COORDINATOR, partner=site.partner), signed_in(Role.AUDITOR)):
        page = reader.get(LIST).content.decode()
        assert request.ref in page
        assert name in page
        assert name in reader.get(f"{LIST}{request.ref}/").content.decode()
    elsewhere = signed_in(Role.PARTNER_LEAD, site=SiteFactory.create())
    assert request.ref not in elsewhere.get(LIST).content.decode()
    assert request.ref not in "".join(c.decode() for c in elsewhere.get(f"{LIST}export/").streaming_content)
    for path in ("", "take-back/", "send/"):
        ask = elsewhere.post if path else elsewhere.get
        assert ask(f"{LIST}{request.ref}/{path}").status_code == 404
    assert signed_in(Role.PARTNER_QA, site=site).get(LIST).status_code == 404
    auditor = signed_in(Role.AUDITOR)
    assert "Take back" not in auditor.get(f"{LIST}{request.ref}/").content.decode()
    assert auditor.post(f"{LIST}{request.ref}/take-back/").status_code == 403


def test_the_list_is_narrowed_and_counted(site: Site, lead: Client, manager: Actor) -> None:
    one, other = asked(manager, site), asked(manager, site)
    name = one.items.get().person.name
    page = lead.get(LIST, {"q": name}).content.decode()
    assert one.ref in page
    assert other.ref not in page
    assert lead.get(LIST, {"q": one.ref})["Location"] == f"{LIST}{one.ref}/"
    assert other.ref in lead.get(LIST, {"kind": "ad_hoc", "site": site.code, "q": ""}).content.decode()
    assert other.ref not in lead.get(LIST, {"kind": "leaver"}).content.decode()
    assert other.ref not in lead.get(LIST, {"tab": "attention"}).content.decode()
    assert other.ref not in lead.get(LIST, {"tab": "mine"}).content.decode()
    for bad in ({"kind": "x"}, {"site": "a\0b"}, {"q": "a\0b"}, {"cursor": "zzz"}):
        assert lead.get(LIST, bad).status_code == 400


def test_an_item_says_what_it_waits_for_and_with_whom(site: Site, lead: Client) -> None:
    boss = user(Role.MANAGER, site=site)
    boss.name = "Priya Nair"
    boss.save()
    request = asked(actor(Role.COORDINATOR, site=site), site)
    page = lead.get(f"{LIST}{request.ref}/").content.decode()
    for shown in ("Awaiting approval", "Priya Nair", "Tool 0", "0 of 1 finished", "asked for approval"):
        assert shown in page


def test_a_request_is_taken_back_by_item(site: Site, lead: Client, manager: Actor) -> None:
    request = asked(manager, site, 2)
    first = request.items.order_by("pk")[0]
    answer = lead.post(f"{LIST}{request.ref}/take-back/", {"item": [first.pk, "x", "9" * 30]}, follow=True)
    assert "1 item taken back." in answer.content.decode()
    assert sorted(request.items.values_list("state", flat=True)) == [ItemState.AWAITING_APPROVAL, ItemState.CANCELLED]
    lead.post(f"{LIST}{request.ref}/take-back/")
    request.refresh_from_db()
    assert request.state == RequestState.CLOSED
    again = lead.post(f"{LIST}{request.ref}/take-back/", follow=True).content.decode()
    assert "Nothing can be taken back any more" in again


def test_a_draft_that_two_people_send_is_sent_once_and_as_it_was_seen(site: Site, lead: Client, manager: Actor) -> None:
    draft = asked(manager, site, submit=False)
    assert "Send" in lead.get(f"{LIST}{draft.ref}/").content.decode()
    other = signed_in(Role.PARTNER_LEAD, site=site)
    stale = lead.post(f"{LIST}{draft.ref}/send/", {"version": str(draft.version + 1)})
    assert stale.status_code == 409
    assert other.post(f"{LIST}{draft.ref}/send/", {"version": str(draft.version)}).status_code == 302
    assert lead.post(f"{LIST}{draft.ref}/send/", {"version": str(draft.version)}).status_code == 302
    assert draft.items.get().state == ItemState.AWAITING_APPROVAL
    assert draft.events.filter(code="item.submit").count() == 1
    assert submit_request(actor=manager, ref=draft.ref).pk == draft.pk


def test_a_leaver_is_two_clicks_from_the_page_of_the_person(site: Site, lead: Client) -> None:
    person = holder(site)
    url = f"/access/people/{person.pk}/leaver/"
    assert url in lead.get(f"/directory/people/{person.pk}/").content.decode()
    page = lead.get(url)
    assert "Case desk" in page.content.decode()
    form = {"day": page.context["form"]["day"].value().isoformat(), "hour": "00:00", "token": page.context["token"]}
    first = lead.post(url, form)
    assert lead.post(url, form)["Location"] == first["Location"]
    request = AccessRequest.objects.get(kind="leaver")
    assert request.items.get().operation == Operation.REVOKE
    assert not GrantReason.objects.filter(grant__person=person, ended_at=None).exists()


def test_a_last_shift_to_come_can_be_taken_back(site: Site, lead: Client) -> None:
    person = holder(site)
    tomorrow = (timezone.now() + timedelta(days=1)).date().isoformat()
    lead.post(f"/access/people/{person.pk}/leaver/", {"day": tomorrow, "hour": "18:00"})
    request = AccessRequest.objects.get(kind="leaver")
    assert GrantReason.objects.get(grant__person=person).ends_at is not None
    assert "Not before the last shift is over" in lead.get(f"{LIST}{request.ref}/").content.decode()
    lead.post(f"{LIST}{request.ref}/take-back/")
    assert request.items.get().state == ItemState.CANCELLED
    assert GrantReason.objects.get(grant__person=person).ends_at is None


def test_nobody_elsewhere_reports_somebody_as_leaving(site: Site, lead: Client) -> None:
    person = holder(site)
    url = f"/access/people/{person.pk}/leaver/"
    for stranger in (
        signed_in(Role.PARTNER_LEAD, site=SiteFactory.create()), signed_in(Role.PARTNER_QA, site=site),
        signed_in(Role.ADMINISTRATOR),
    ):  # fmt: skip
        assert stranger.get(url).status_code == 404
        assert stranger.post(url, {"day": "2026-01-01", "hour": "10:00"}).status_code == 404
    for bad in ({"day": "9999-12-31", "hour": "10:00"}, {"day": "x"}, {"day": "2026-01-01\0", "hour": "25:00"}):
        assert lead.post(url, bad).status_code == 422
    moved = agent(site)
    moved.placements.update(period=days("2024-01-01", "2024-12-31"))
    PlacementFactory.create(person=moved, site=SiteFactory.create(partner=site.partner), period=days("2025-01-01"))
    assert lead.get(f"/access/people/{moved.pk}/leaver/").status_code == 404


def test_an_export_has_an_item_per_line_and_no_formulas(site: Site, lead: Client, manager: Actor) -> None:
    request = asked(manager, site)
    Person.objects.filter(pk=request.items.get().person_id).update(name="=cmd()")
    text = "".join(chunk.decode() for chunk in lead.get(f"{LIST}export/").streaming_content)
    assert f"{request.ref},Ad hoc," in text
    assert "'=cmd()" in text


@pytest.mark.parametrize("path", ["", "{ref}/"])
def test_a_page_costs_the_same_for_one_and_for_many(site: Site, lead: Client, manager: Actor, path: str) -> None:
    def cost(number: int) -> int:
        request = asked(manager, site, number)
        if not path:
            for _more in range(number - 1):
                asked(manager, site)
        url = LIST + path.format(ref=request.ref)
        lead.get(url)
        with CaptureQueriesContext(connection) as found:
            assert lead.get(url).status_code == 200
        return len(found)

    assert cost(1) == cost(20)


def test_a_reference_in_lower_case_leads_to_the_page(site: Site, lead: Client, manager: Actor) -> None:
    request = asked(manager, site)
    assert lead.get(f"{LIST}{request.ref.lower()}/")["Location"] == f"{LIST}{request.ref}/"
    for bad in ("AR-x", "AR-999999999999999999", "9" * 30):
        assert lead.get(f"{LIST}{bad}/").status_code == 404
