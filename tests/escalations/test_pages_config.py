"""Screens of configuration."""

import re

import pytest
from django.urls import reverse

from escalations import actions, queries
from escalations.models import IssueType, Service
from portal.accounts.rules import SYSTEM
from tests.escalations.pages_world import World, issue_tree, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> World:
    return world()


def cells(html: str) -> dict[str, str]:
    """The matrix as the page's form would send it."""
    found = re.findall(r'<select name="([a-z]+-[a-z]+)".*?<option value="(\d)" selected', html, re.DOTALL)
    return {**dict(found), "version": version(html)}


def version(html: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', html)
    assert found
    return found[1]


def test_services_with_members(here: World) -> None:
    html = here.client("administrator").get("/services/").content.decode()
    row = html[html.index(f'id="s{here.service.pk}"') :].partition("</tr>")[0]
    assert "Social media" in row
    assert '<td class="num">2</td>' in row
    assert "Service Lead" in row
    own = here.client("service_lead").get("/services/").content.decode()
    assert "Social media" in own
    assert "Payments" not in own
    page = here.client("service_lead").get("/services/social/").content.decode()
    assert "Associate" in page
    assert here.client("service_lead").get("/services/payments/").status_code == 404


def test_adding_changing_and_archiving_a_service(here: World) -> None:
    admin = here.client("administrator")
    taken = admin.post("/services/new/", {"name": "Again", "code": "social"})
    assert taken.status_code == 422
    assert re.search(r'id="id_code_error"', taken.content.decode())
    made = admin.post("/services/new/", {"name": "Regulatory", "name_zh": "监管", "code": "reg"}, follow=True)
    assert "Service created" in made.content.decode()
    page = made.content.decode()
    saved = admin.post("/services/reg/", {"name": "Regulatory response", "version": version(page)}, follow=True)
    assert "<h1>Regulatory response</h1>" in saved.content.decode()
    late = admin.post("/services/reg/", {"name": "Mine", "version": version(page)})
    assert late.status_code == 409
    assert "Somebody changed this a moment ago" in late.content.decode()
    assert 'value="Mine"' in late.content.decode()
    now = Service.objects.get(code="reg")
    assert now.name == "Regulatory response"
    admin.post("/services/reg/archive/", {"version": now.version, "archived": "1"})
    assert "Archived" in admin.get("/services/reg/").content.decode()


def test_the_matrix_is_the_leads_and_the_administrators(here: World) -> None:
    for who in ("administrator", "service_lead"):
        client = here.client(who)
        html = client.get("/services/social/matrix/").content.decode()
        client.post("/services/social/matrix/", {**cells(html), "minor-week": "2" if who == "administrator" else "3"})
    assert queries.matrix_of(here.service.pk)["minor", "week"] == 3
    stale = here.client("administrator").post("/services/social/matrix/", {**cells(html), "minor-week": "1"})
    assert stale.status_code == 409
    wrong = here.client("administrator").get("/services/social/matrix/").content.decode()
    bad = here.client("administrator").post("/services/social/matrix/", {**cells(wrong), "minor-week": "9"})
    assert bad.status_code == 422
    assert queries.matrix_of(here.service.pk)["minor", "week"] == 3


def test_auditors_read_and_others_find_nothing(here: World) -> None:
    auditor = here.client("auditor")
    html = auditor.get("/services/social/matrix/").content.decode()
    assert "<select" not in html.partition('id="main"')[2].partition("</main>")[0]
    assert "New issue type" not in auditor.get("/issue-types/").content.decode()
    assert auditor.get("/issue-types/new/").status_code == 404
    assert auditor.post("/services/social/matrix/", {"version": 1}).status_code == 403
    for who in ("coordinator", "associate", "lead", "it", "agent"):
        client = here.client(who)
        for address in (
            "/services/",
            "/services/social/",
            "/services/social/matrix/",
            "/services/new/",
            "/issue-types/",
        ):
            assert client.get(address).status_code == 404, (who, address)
    for address in ("/services/new/", "/issue-types/", "/issue-types/new/"):
        assert here.client("service_lead").get(address).status_code == 404


def test_issue_types_as_a_tree(here: World) -> None:
    leaf = issue_tree()
    admin = here.client("administrator")
    html = admin.get("/issue-types/").content.decode()
    assert re.findall(r'<a class="rowlink"[^>]*>(.*?)</a>', html) == ["Stay", "Check-in", "Locked out"]
    parent = IssueType.objects.get(code="STAY-IN")
    form = admin.get(f"/issue-types/new/?parent={parent.pk}").content.decode()
    assert f'<option value="{parent.pk}" selected>' in form
    admin.post("/issue-types/new/", {"name": "No key", "code": "STAY-IN-KEY", "parent": parent.pk})
    assert IssueType.objects.get(code="STAY-IN-KEY").level == 3
    deep = admin.post("/issue-types/new/", {"name": "Deeper", "code": "D", "parent": leaf.pk})
    assert deep.status_code == 422
    address = reverse("escalations:issue-type", args=[leaf.pk])
    shown = admin.get(address).content.decode()
    admin.post(address, {"name": "Door does not open", "version": version(shown)})
    late = admin.post(address, {"name": "Third name", "version": version(shown)})
    assert late.status_code == 409
    leaf.refresh_from_db()
    assert leaf.name == "Door does not open"
    admin.post(f"{address}archive/", {"version": leaf.version, "archived": "1"})
    assert "Door does not open" not in here.client("agent").get("/cases/new/").content.decode()


def test_an_archived_service_keeps_its_cases(here: World) -> None:
    case = here.case()
    actions.archive_service(actor=SYSTEM, service_id=here.service.pk)
    assert case.ref in here.client("coordinator").get("/queue/").content.decode()
