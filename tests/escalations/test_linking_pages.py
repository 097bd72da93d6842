"""Links and hints on pages: the dialog, the panel, its buttons, and the step before a case is raised twice."""

import pytest
from pytest_django import DjangoAssertNumQueries

from escalations import actions
from escalations.models import Case, CaseDifference, CaseLink
from portal.accounts.rules import SYSTEM
from tests.escalations.case_page import act, page
from tests.escalations.pages_world import HTMX, World, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(db: None) -> World:
    return world()


@pytest.fixture
def pair(here: World) -> tuple[Case, Case]:
    return here.case("Refund not arrived", customer_ref="G-1"), here.case("Noise at night")


def test_linked_in_the_dialog_and_removed_again(here: World, pair: tuple[Case, Case]) -> None:
    one, two = pair
    answer = act(here, "associate", one, "link", {"other": two.ref, "said": "follows"}, htmx=True, version=False)
    assert f"{one.ref} is linked to {two.ref}" in answer.content.decode()
    assert f"Linked: follows on {two.ref}" in page(here, "associate", one)
    panel = here.client("associate").get(f"/cases/{two.ref}/linked/", headers=HTMX).content.decode()
    assert f'href="/cases/{one.ref}/"' in panel
    assert "Follows on this case" in panel
    link = CaseLink.objects.get()
    here.client("associate").post(f"/cases/{two.ref}/linked/{link.pk}/remove/")
    after = here.client("associate").get(f"/cases/{two.ref}/linked/").content.decode()
    assert "No other case hangs together with this one." in after
    assert here.client("associate").post(f"/cases/{two.ref}/linked/{link.pk}/remove/", headers=HTMX).status_code == 409
    assert here.client("associate").post(f"/cases/{two.ref}/linked/{link.pk + 9}/remove/").status_code == 404


def test_a_reference_out_of_sight_is_answered_like_one_that_is_not_there(here: World, pair: tuple[Case, Case]) -> None:
    hidden = here.case("Secret", sensitivity="confidential")
    elsewhere = here.case("Elsewhere", site_id=here.other_site.pk, service_id=here.other_service.pk)
    pages = []
    for ref in (hidden.ref, elsewhere.ref, "EC-987654"):
        answer = here.client("coordinator").post(
            f"/cases/{pair[0].ref}/link/", {"other": ref, "said": "related"}, headers=HTMX
        )
        assert answer.status_code == 422
        pages.append(answer.content.decode().replace(ref, "EC-?"))
        assert "There is no such case, or it is not yours to see." in pages[-1]
    strip = [text.split("csrfmiddlewaretoken")[0] for text in pages]
    assert strip[0] == strip[1] == strip[2]
    for ref, words in ((pair[0].ref, "cannot be linked to itself"), ("nonsense", "Type a reference")):
        answer = here.client("coordinator").post(
            f"/cases/{pair[0].ref}/link/", {"other": ref, "said": "related"}, headers=HTMX
        )
        assert words in answer.content.decode()
    assert not CaseLink.objects.exists()


def test_the_panel_says_what_it_may_be_the_same_as_and_what_to_do(here: World, pair: tuple[Case, Case]) -> None:
    one, _two = pair
    other = here.case("Refund has not arrived", customer_ref="g-1")
    client = here.client("coordinator")
    panel = client.get(f"/cases/{one.ref}/linked/", headers=HTMX).content.decode()
    assert f'id="alike-{other.ref}"' in panel
    assert "same customer" in panel
    assert "similar words" in panel
    preview = client.post(f"/cases/{one.ref}/merge/", {"version": one.version, "target": other.ref})
    assert "Merge for good" in preview.content.decode()
    assert other.ref in preview.content.decode()
    done = client.post(f"/cases/{one.ref}/apart/", {"other": other.ref}, headers=HTMX)
    assert "It is not pointed out any more." in done.content.decode()
    assert CaseDifference.objects.count() == 1
    assert "alike-" not in client.get(f"/cases/{one.ref}/linked/", headers=HTMX).content.decode()
    assert "alike-" not in client.get(f"/cases/{other.ref}/linked/").content.decode()
    for wrong in ("EC-987654", "", "\x00", one.ref):
        assert client.post(f"/cases/{one.ref}/apart/", {"other": wrong}).status_code in (404, 409)


def test_merging_is_offered_into_cases_that_go_on_alone(here: World, pair: tuple[Case, Case]) -> None:
    one, _two = pair
    goes_on, ended = (here.case("Refund has not arrived", customer_ref="G-1") for _ in range(2))
    actions.set_state(actor=SYSTEM, ref=ended.pk, verb="resolve")
    panel = here.client("coordinator").get(f"/cases/{one.ref}/linked/", headers=HTMX).content.decode()
    for other, offered in ((goes_on, True), (ended, False)):
        row = panel.partition(f'id="alike-{other.ref}"')[2].partition("</li>")[0]
        assert "Not the same" in row
        assert (f"/cases/{one.ref}/merge/" in row) is offered


def test_whoever_only_looks_on_has_no_buttons_and_partners_have_no_panel(here: World, pair: tuple[Case, Case]) -> None:
    one, two = pair
    actions.link_cases(actor=here.actor("coordinator"), ref=one.ref, other=two.ref, said="related")
    panel = here.client("auditor").get(f"/cases/{one.ref}/linked/", headers=HTMX).content.decode()
    assert two.ref in panel
    assert "<form" not in panel
    assert here.client("auditor").post(f"/cases/{one.ref}/apart/", {"other": two.ref}).status_code == 403
    assert here.client("lead").get(f"/cases/{one.ref}/linked/").status_code == 404
    assert "linked" not in page(here, "lead", one).lower()


def test_the_panel_costs_the_same_for_many(
    here: World, pair: tuple[Case, Case], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    one = pair[0]
    client = here.client("coordinator")
    client.get("/")
    for number in range(6):
        actions.link_cases(
            actor=here.actor("coordinator"), ref=one.ref, other=here.case(f"Odd {number}").ref, said="related"
        )
        here.case("Refund not arrived", customer_ref="G-1")
    with django_assert_max_num_queries(20):
        assert client.get(f"/cases/{one.ref}/linked/", headers=HTMX).status_code == 200
    with django_assert_max_num_queries(12):
        assert client.get(f"/cases/{one.ref}/").status_code == 200


NEW = "/cases/new/"


def form(here: World, **more: object) -> dict[str, object]:
    page = here.client("coordinator").get(NEW).content.decode()
    token = page.split('name="token" value="')[1].split('"')[0]
    data = {"token": token, "subject": "Refund not arrived", "description": "x", "service": here.service.pk}
    return {**data, "site": here.site.pk, "channel": "phone", "impact": "money", "urgency": "week", **more}


def test_before_a_case_is_raised_twice_somebody_looks(here: World, pair: tuple[Case, Case]) -> None:
    client, before = here.client("coordinator"), Case.objects.count()
    data = form(here)
    asked = client.post(NEW, data)
    text = asked.content.decode()
    assert asked.status_code == 422
    assert "Not created yet" in text
    assert f'name="looked" value="{pair[0].ref}"' in text
    assert Case.objects.count() == before
    assert client.post(NEW, {**data, "looked": pair[0].ref}).status_code == 302
    assert Case.objects.count() == before + 1
    assert client.post(NEW, form(here, subject="Key lost in the lake")).status_code == 302


def test_hints_come_while_typing(here: World, pair: tuple[Case, Case]) -> None:
    client = here.client("coordinator")
    found = client.get("/cases/similar/", {"subject": "Refund not arrived"}, headers=HTMX).content.decode()
    assert pair[0].ref in found
    assert f'name="looked" value="{pair[0].ref}"' in found
    for nothing in ({}, {"subject": ""}, {"subject": "\x00"}, {"subject": "%" * 5000}, {"customer_ref": "x" * 5000}):
        assert "EC-" not in client.get("/cases/similar/", nothing, headers=HTMX).content.decode()
    # An agent is told of their own cases only.
    assert (
        pair[0].ref
        not in here.client("agent").get("/cases/similar/", {"subject": "Refund not arrived"}).content.decode()
    )
