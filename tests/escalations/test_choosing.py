"""What forms offer: nothing is chosen beforehand that does harm or can only fail, and people of one name are told apart."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escalations import actions
from escalations.models import Case
from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.accounts.rules import SYSTEM
from tests.escalations.case_page import act
from tests.escalations.pages_world import HTMX, World, world
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.assigning import always_on
from tests.factories.partners import SiteFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> World:
    return world()


def options(html: str, name: str) -> dict[str, str]:
    """The choices of a select by value; the chosen one is marked."""
    found = re.search(rf'<select[^>]*name="{name}".*?</select>', html, re.DOTALL)
    assert found, name
    pairs = re.findall(r'<option value="([^"]*)"( selected)?[^>]*>([^<]*)</option>', found[0])
    return {value: ("* " if chosen and value else "") + label for value, chosen, label in pairs}


def form(here: World, who: str, case: Case, name: str, query: str = "") -> str:
    answer = here.client(who).get(f"/cases/{case.ref}/{name}/{query}", headers=HTMX)
    assert answer.status_code == 200
    return str(answer.content.decode())


def bulk(here: World, op: str, cases: list[Case], who: str = "coordinator", **said: Any) -> Any:
    data = {"op": op, "case": [case.pk for case in cases], "next": "/queue/", **said}
    client = here.client(who)
    return client.post("/queue/bulk/", data, headers=HTMX) if said else client.get("/queue/bulk/", data, headers=HTMX)


def owned(here: World, subject: str = "Owned", **more: Any) -> Case:
    case = here.case(subject, **more)
    actions.assign(actor=SYSTEM, ref=case.pk, owner_id=here.users["associate"].pk)
    case.refresh_from_db()
    return case


def test_nobody_loses_a_case_by_a_choice_that_nobody_made(here: World) -> None:
    cases = [owned(here), owned(here, "Second")]
    asked = options(bulk(here, "assign", cases).content.decode(), "owner")
    assert (next(iter(asked.items())), asked["nobody"]) == (("", "Choose"), "Nobody yet")
    empty = bulk(here, "assign", cases, owner="")
    assert empty.status_code == 422
    assert 'id="id_owner_error"' in empty.content.decode()
    assert act(here, "coordinator", cases[0], "assign", {"owner": ""}).status_code == 422
    assert set(Case.objects.values_list("owner__name", flat=True)) == {"Associate"}
    given = bulk(here, "assign", cases, owner=here.users["service_lead"].pk).content.decode()
    assert "2 cases given to Service Lead" in given
    taken = bulk(here, "assign", cases[:1], owner="nobody").content.decode()
    assert "1 case belongs to nobody now" in taken
    assert list(Case.objects.order_by("pk").values_list("owner__name", flat=True)) == [None, "Service Lead"]


def test_the_form_of_one_case_offers_whoever_has_it_not(here: World) -> None:
    case, mine = here.case(), owned(here)
    assert "nobody" not in options(form(here, "coordinator", case, "assign"), "owner")
    found = options(form(here, "coordinator", mine, "assign"), "owner")
    assert "nobody" in found
    assert str(here.users["associate"].pk) not in found
    chosen = options(form(here, "coordinator", case, "assign", f"?owner={here.users['associate'].pk}"), "owner")
    assert chosen[str(here.users["associate"].pk)] == "* Associate (1 open)"
    alone = options(form(here, "associate", case, "assign"), "owner")
    assert alone == {"": "Choose", str(here.users["associate"].pk): "* Associate (1 open)"}
    assert list(options(form(here, "associate", mine, "assign"), "owner")) == ["", "nobody"]
    assert "is unassigned" in act(here, "associate", mine, "assign", {"owner": "nobody"}, htmx=True).content.decode()
    late = act(here, "coordinator", mine, "assign", {"owner": "nobody"})
    assert late.status_code == 422


def test_states_are_chosen_among_those_that_are_possible(here: World) -> None:
    case, fresh, ended = owned(here), here.case("New"), here.case("Ended")
    actions.set_state(actor=SYSTEM, ref=case.pk, verb="start")
    actions.set_state(actor=SYSTEM, ref=ended.pk, verb="reject", reject_reason="spam")
    states = options(form(here, "coordinator", case, "state"), "verb")
    assert next(iter(states.items())) == ("", "Choose")
    assert "triage" not in states
    assert options(bulk(here, "state", [case]).content.decode(), "verb") == states
    assert "triage" in options(bulk(here, "state", [case, fresh]).content.decode(), "verb")
    assert "triage" not in options(bulk(here, "state", [fresh], who="associate").content.decode(), "verb")
    none = bulk(here, "state", [ended]).content.decode()
    assert "Nothing of this can be done with these cases any more." in none
    assert "btn--primary" not in none
    empty = bulk(here, "state", [case], verb="")
    assert empty.status_code == 422
    assert list(options(empty.content.decode(), "verb")) == list(states)


def test_whoever_is_free_is_offered_only_when_somebody_is(here: World) -> None:
    case = here.case()
    html = form(here, "service_lead", case, "give")
    assert "Nobody is free now." in html
    assert "Give it" not in html
    always_on(here.users["associate"].pk)
    html = form(here, "service_lead", case, "give")
    assert "Nobody is free now." not in html
    assert "Give it" in html


def mark(here: World, case: Case, level: str) -> Case:
    actions.set_sensitivity(actor=SYSTEM, ref=case.pk, sensitivity=level)
    return case


@contextmanager
def counted() -> Iterator[list[int]]:
    found: list[int] = []
    with CaptureQueriesContext(connection) as asked:
        yield found
    found.append(len(asked))


def test_a_protected_case_is_offered_to_those_who_may_see_it(here: World) -> None:
    lead = here.users["service_lead"].pk
    open_case, secret = here.case(), mark(here, here.case("Quiet"), "confidential")
    everybody = options(form(here, "service_lead", open_case, "assign"), "owner")
    assert str(here.users["coordinator"].pk) in everybody
    inside = {"", str(lead), str(here.users["associate"].pk)}
    assert set(options(form(here, "service_lead", secret, "assign"), "owner")) == inside
    assert set(options(bulk(here, "assign", [secret], "service_lead").content.decode(), "owner")) == inside
    assert set(options(bulk(here, "assign", [secret, open_case], "service_lead").content.decode(), "owner")) == {
        *everybody
    }
    hidden = mark(here, here.case("Hidden"), "restricted")
    actions.grant_access(
        actor=here.actor("service_lead"), ref=hidden.pk, user_id=here.users["coordinator"].pk, reason="x"
    )
    granted = options(form(here, "coordinator", hidden, "assign"), "owner")
    assert set(granted) <= {"", str(here.users["coordinator"].pk)}


def test_who_can_be_given_a_case_takes_as_many_queries_for_many(here: World) -> None:
    case = mark(here, here.case(), "confidential")
    form(here, "service_lead", case, "assign")
    with counted() as few:
        form(here, "service_lead", case, "assign")
    for _ in range(8):
        MembershipFactory(user=UserFactory(), role=Role.ASSOCIATE, service=here.service)
    with counted() as many:
        form(here, "service_lead", case, "assign")
    assert few == many


def namesakes(here: World) -> list[User]:
    """Three of one name: two in the service, one at the site."""
    people = [UserFactory(name="Mei Chen", email=f"mei{number}@example.test") for number in range(3)]
    for person in people[:2]:
        MembershipFactory(user=person, role=Role.ASSOCIATE, service=here.service)
    MembershipFactory(user=people[2], role=Role.COORDINATOR, site=here.site)
    return people


def test_people_of_one_name_are_told_apart(here: World) -> None:
    first, second, coordinator = namesakes(here)
    found = options(form(here, "service_lead", here.case(), "assign"), "owner")
    assert found[str(coordinator.pk)] == "Mei Chen, Coordinator at Chengdu (0 open)"
    assert found[str(first.pk)] == "Mei Chen, Social media, mei0@example.test (0 open)"
    assert found[str(second.pk)] == "Mei Chen, Social media, mei1@example.test (0 open)"
    assert found[str(here.users["associate"].pk)] == "Associate (0 open)"
    MembershipFactory(user=UserFactory(name="mei chen"), role=Role.COORDINATOR, site=SiteFactory(name="Hanoi"))
    secret = mark(here, here.case("Safety incident"), "restricted")
    people = options(here.client("service_lead").get(f"/cases/{secret.ref}/access/").content.decode(), "user")
    assert people[str(coordinator.pk)] == "Mei Chen, Coordinator at Chengdu"
    assert "mei chen, Coordinator at Hanoi" in people.values()
    assert people[str(first.pk)].endswith("mei0@example.test")


def test_people_of_one_name_are_told_apart_where_one_offers_a_case_or_asks(here: World) -> None:
    first, _second, coordinator = namesakes(here)
    case = owned(here)
    offered = options(form(here, "associate", case, "handover"), "target")
    assert offered[f"person:{first.pk}"].startswith("Mei Chen, Social media, mei0@example.test (0 open)")
    asked = options(form(here, "associate", case, "consult"), "person")
    assert asked[str(coordinator.pk)] == "Mei Chen, Coordinator at Chengdu"
    assert asked[str(here.users["coordinator"].pk)] == "Coordinator"
