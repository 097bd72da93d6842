"""A new request from the first step to the last, as people with and without the right to it meet it."""

import re
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access_requests.choices import ItemState, Operation
from access_requests.models import AccessRequest, RequestDraft, RequestItem
from partners.models import Person, Site
from portal.accounts.choices import Role
from tests.factories.access import (
    EntitlementFactory,
    GrantFactory,
    GrantReasonFactory,
    SodRuleFactory,
    bundle_of,
)
from tests.factories.partners import (
    EngagementFactory,
    JobRoleFactory,
    PersonFactory,
    PlacementFactory,
    SiteFactory,
    signed_in,
)

pytestmark = pytest.mark.django_db
NEW = "/access/requests/new/"
SOON = (timezone.now() + timedelta(days=9)).date()


@pytest.fixture
def site() -> Site:
    return SiteFactory.create(time_zone="Asia/Shanghai")


@pytest.fixture
def lead(site: Site) -> Client:
    return signed_in(Role.PARTNER_LEAD, site=site)


def agent(site: Site, name: str, number: str, **fields: object) -> Person:
    person = PersonFactory.create(name=name, **fields)
    EngagementFactory.create(person=person, employer=site.partner, employee_number=number)
    PlacementFactory.create(person=person, site=site)
    return person


def begin(client: Client, site: Site, kind: str = "joiner", **more: object) -> str:
    """Answer the first step; the address of the second."""
    answer = client.post(NEW, {"kind": kind, "site": site.code, **more})
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return str(answer["Location"])


def step(url: str, name: str) -> str:
    return re.sub(r"(people|access|review)/$", f"{name}/", url)


def people(client: Client, url: str, text: str = "", do: str = "continue", **more: object) -> str:
    data = {"list": text, "day": SOON.isoformat(), "hour": "09:30", "do": do, **more}
    answer = client.post(url, data)
    return str(answer["Location"]) if answer.status_code == 302 else answer.content.decode()


def test_a_list_becomes_a_request_with_the_first_shift_of_the_site(site: Site, lead: Client) -> None:
    mail, phone = EntitlementFactory.create(name="Mail"), EntitlementFactory.create(name="Softphone")
    bundle_of(mail, phone, job_role=JobRoleFactory.create(), name="Agents", birthright=True)
    wang, liu = agent(site, "Wang Fang", "BW-1"), agent(site, "Liu Yang", "BW-2")
    url = people(lead, begin(lead, site), "employee_no\tname\nBW-1\tWang Fang\nbw-2\tLiu Yang\n")
    page = lead.get(url).content.decode()
    for shown in ("Mail", "Softphone", "Bundle: Agents", "Approved by policy", "Wang Fang", "takes longest"):
        assert shown in page
    assert lead.post(url, {"keep": [mail.pk], "do": "continue"})["Location"] == step(url, "review")
    review = lead.get(step(url, "review")).content.decode()
    assert "09:30" in review
    sent = lead.post(step(url, "review"), {"reason": "New wave"})
    request = AccessRequest.objects.get()
    assert sent["Location"] == f"/access/requests/{request.ref}/"
    assert f"{request.ref} sent." in lead.get(sent["Location"]).content.decode()
    assert set(request.items.values_list("person", "entitlement")) == {(wang.pk, mail.pk), (liu.pk, mail.pk)}
    assert request.first_shift_at is not None
    assert request.first_shift_at.isoformat() == f"{SOON}T01:30:00+00:00"
    draft = RequestDraft.objects.get()
    assert (draft.request, draft.rows) == (request, [])


def test_rows_that_mean_nobody_say_so_and_the_rest_goes_on(site: Site, lead: Client) -> None:
    bundle_of(EntitlementFactory.create(), job_role=JobRoleFactory.create())
    agent(site, "Wang Fang", "BW-1")
    agent(site, "Sun Hao", "BW-3", email="sun@example.com")
    agent(SiteFactory.create(), "Foreign Agent", "XX-9")
    url = begin(lead, site)
    text = "no,name,email\nBW-1,,\nBW-3,He Peng,\nXX-9,,\n,,nobody@example.com\n,,\nbw-1,Wang Fang,"
    page = people(lead, url, text, do="check")
    for shown in (
        "This is Sun Hao. Correct the row", "Nobody here has this number", "Nobody here has this email",
        "The same person as in row 1", "4 of 5 rows need a fix", "Continue with 1 ready row",
    ):  # fmt: skip
        assert shown in page
    assert "Foreign Agent" not in page
    shown = lead.get(url + "?only=fix").content.decode()
    assert 'id="r2"' in shown
    assert 'id="r1"' not in shown
    stored = RequestDraft.objects.get()
    listed = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.S)
    assert listed is not None
    fixed = people(lead, url, listed[1].strip(), do="check", **{"r2-employee_no": "BW-3", "r2-name": "Sun Hao"})
    assert stored.rows
    assert "He Peng" not in fixed
    assert people(lead, url, listed[1].strip().replace("He Peng", "Sun Hao")).endswith("/access/")


def test_people_of_the_site_are_found_and_added_one_by_one(site: Site, lead: Client) -> None:
    wang = agent(site, "Wang Fang", "BW-1")
    agent(SiteFactory.create(), "Wang Li", "BW-2")
    url = begin(lead, site, "ad_hoc")
    page = people(lead, url, do="find", q="wang")
    assert f'value="add-{wang.pk}"' in page
    assert "Wang Li" not in page
    assert "Wang Fang" in people(lead, url, do=f"add-{wang.pk}")
    assert "Wang Fang" not in people(lead, url, do="drop-1")
    stranger = Person.objects.get(name="Wang Li")
    assert lead.post(url, {"do": f"add-{stranger.pk}"}).status_code == 404


def test_a_file_is_read_like_a_list(site: Site, lead: Client) -> None:
    agent(site, "Wang Fang", "BW-1")
    url = begin(lead, site)
    upload = SimpleUploadedFile("people.csv", "工号;备注\nBW-1;neu\n".encode("gb18030"))
    page = people(lead, url, do="check", file=upload)
    assert "1 read · 1 ready · 0 to fix" in page
    assert "Passed over: 备注" in page


def test_access_can_be_added_for_a_while_and_conflicts_are_seen_before(site: Site, lead: Client) -> None:
    pay = EntitlementFactory.create(name="Pay")
    console = EntitlementFactory.create(name="Console", max_days=30, privileged=True)
    SodRuleFactory.create(left=pay, right=console, name="Pay and approve")
    person = agent(site, "Wang Fang", "BW-1")
    GrantReasonFactory.create(grant=GrantFactory.create(person=person, entitlement=pay))
    url = begin(lead, site, "ad_hoc", person=person.pk)
    url = people(lead, url)
    until = (timezone.now() + timedelta(days=5)).date()
    lead.post(url, {"add": console.pk, "ends_on": until.isoformat(), "do": "add"})
    page = lead.get(url).content.decode()
    for shown in ("Pay and approve", "1 conflict", "at most 30 days", "Manager of the site: nobody yet"):
        assert shown in page
    lead.post(step(url, "review"), {"reason": ""})
    item = RequestItem.objects.get(entitlement=console)
    assert item.state == ItemState.BLOCKED_SOD
    assert item.ends_at is not None
    assert item.ends_at.isoformat() == f"{until}T16:00:00+00:00"


def test_a_mover_loses_what_the_job_does_not_bring_any_more(site: Site, lead: Client) -> None:
    new, old = EntitlementFactory.create(name="New tool"), EntitlementFactory.create(name="Old tool")
    role = JobRoleFactory.create()
    bundle_of(new, job_role=role, birthright=True)
    gone = bundle_of(old, job_role=JobRoleFactory.create(code="OLD", name="Old"))
    person = agent(site, "Wang Fang", "BW-1")
    grant = GrantFactory.create(person=person, entitlement=old)
    GrantReasonFactory.create(grant=grant, kind="bundle", item=None, bundle=gone)
    url = people(lead, begin(lead, site, "mover", person=person.pk))
    lead.post(url, {"keep": [new.pk], "do": "continue"})
    lead.post(step(url, "review"), {"reason": ""})
    assert set(RequestItem.objects.filter(request__kind="mover").values_list("entitlement", "operation")) == {
        (new.pk, Operation.GRANT), (old.pk, Operation.REVOKE),
    }  # fmt: skip


def test_rows_with_their_own_first_day_become_requests_of_their_own(site: Site, lead: Client) -> None:
    bundle_of(EntitlementFactory.create(), job_role=JobRoleFactory.create())
    agent(site, "Wang Fang", "BW-1")
    agent(site, "Liu Yang", "BW-2")
    later: date = SOON + timedelta(days=3)
    url = people(lead, begin(lead, site), f"employee_no\tfirst_shift\nBW-1\t\nBW-2\t{later}\n")
    page = lead.get(url)
    lead.post(url, {"keep": [line["pk"] for line in page.context["asked"]], "do": "continue"})
    assert lead.post(step(url, "review"), {"reason": ""})["Location"] == "/access/requests/?tab=mine"
    shifts = AccessRequest.objects.order_by("first_shift_at").values_list("first_shift_at__date", flat=True)
    assert list(shifts) == [SOON, later]


def test_sending_twice_is_sending_once(site: Site, lead: Client) -> None:
    bundle_of(EntitlementFactory.create(), job_role=JobRoleFactory.create())
    person = agent(site, "Wang Fang", "BW-1")
    url = people(lead, begin(lead, site, person=person.pk))
    first = lead.post(step(url, "review"), {"reason": ""})
    assert lead.post(step(url, "review"), {"reason": ""})["Location"] == first["Location"]
    assert AccessRequest.objects.count() == 1
    assert lead.get(step(url, "review")).status_code == 404


def test_nothing_to_ask_for_is_not_sent(site: Site, lead: Client) -> None:
    person = agent(site, "Wang Fang", "BW-1")
    url = people(lead, begin(lead, site, person=person.pk))
    answer = lead.post(step(url, "review"), {"reason": ""})
    assert answer.status_code == 422
    assert "Nothing is asked for yet" in answer.content.decode()
    assert not AccessRequest.objects.exists()


def test_a_first_shift_is_needed(site: Site, lead: Client) -> None:
    person = agent(site, "Wang Fang", "BW-1")
    page = people(lead, begin(lead, site, person=person.pk), day="")
    assert "by then everything has to be done" in page


def test_a_draft_is_its_makers_alone(site: Site, lead: Client) -> None:
    url = begin(lead, site)
    for stranger in (signed_in(Role.PARTNER_LEAD, site=site), signed_in(Role.ADMINISTRATOR)):
        for name in ("people", "access", "review"):
            assert stranger.get(step(url, name)).status_code == 404
        assert stranger.post(url.replace("people", "discard")).status_code == 404
    assert lead.post(url.replace("people", "discard"))["Location"] == reverse("access:requests")
    assert not RequestDraft.objects.exists()


def test_only_own_sites_and_their_people_can_be_asked_for(site: Site, lead: Client) -> None:
    other = SiteFactory.create()
    answer = lead.post(NEW, {"kind": "joiner", "site": other.code})
    assert answer.status_code == 422
    stranger = agent(other, "Zhao Min", "ZZ-1")
    assert lead.post(NEW, {"kind": "joiner", "site": site.code, "person": stranger.pk}).status_code == 404
    for role in (Role.PARTNER_QA, Role.AGENT):
        assert signed_in(role, site=site).get(NEW).status_code == 404
    assert not RequestDraft.objects.exists()
