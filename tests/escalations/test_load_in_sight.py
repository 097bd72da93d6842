"""What somebody has is decided with all their cases, and shown as far as the reader sees these."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from escalations.actions import HandLine, Refused, assign, hand_over_shift
from escalations.models import Case
from escalations.queries.assigning import loads_of
from tests.escalations.pages_world import HTMX, World, world
from tests.factories.assigning import takes
from tests.factories.escalations import hold

pytestmark = pytest.mark.django_db
CAP = 13


@pytest.fixture
def made() -> World:
    """The lead of the service has a case that everybody there sees, and a grave one that is hidden; the associate two."""
    found = world()
    lead = found.users["service_lead"].pk
    takes(lead, cap=CAP)
    owned(found, "service_lead", "Plain")
    hidden = owned(found, "service_lead", "Hidden", impact="people", urgency="now")
    Case.objects.filter(pk=hidden.pk).update(sensitivity="restricted")
    hold(hidden, found.actor("service_lead"))
    assert loads_of([lead]) == {lead: 10}
    return found


def owned(made: World, who: str, subject: str, **more: Any) -> Case:
    case = made.case(subject, **more)
    assign(actor=made.actor("service_lead"), ref=case.pk, owner_id=made.users[who].pk)
    return Case.objects.get(pk=case.pk)


def shown(made: World, who: str, url: str, *, of: str = "Service Lead", **headers: str) -> str:
    """The row, or the line, of somebody on a page, in plain words."""
    answer = made.client(who).get(url, headers=headers)
    assert answer.status_code == 200, url
    rows = re.findall(r"<(tr|option)\b[^>]*>(.*?)</\1>", answer.content.decode(), re.DOTALL)
    found = [re.sub(r"<[^>]+>", " ", row) for _tag, row in rows if of in row]
    assert found, url
    return " ".join(found[0].split())


def test_pages_show_of_a_load_what_the_reader_sees(made: World) -> None:
    case, people = owned(made, "associate", "Mine"), reverse("escalations:service-people", args=["social"])
    pages = {"/shift/": "has {} of at most 13", f"/cases/{case.ref}/handover/": "load {} of 13", people: "{} / 13"}
    for url, words in pages.items():
        # The page of the service's people is for its leads and for administrators, who see no restricted case either.
        line = shown(made, "administrator" if url == people else "associate", url, **HTMX)
        assert words.format(2) in line, url
        assert words.format(10) not in line, url
    assert "10 / 13" in shown(made, "service_lead", people), "their own"


def test_who_would_get_a_case_is_listed_without_what_is_hidden(made: World) -> None:
    case = made.case("Whose")
    line = shown(made, "coordinator", f"/cases/{case.ref}/give/", **HTMX)
    assert "2 / 13" in line
    assert "10" not in line


def test_a_cap_holds_for_what_is_hidden_and_the_refusal_has_no_figures(made: World) -> None:
    cases = [owned(made, "associate", f"Mine {n}") for n in range(2)]
    lead, client = made.users["service_lead"], made.client("associate")
    text = client.get(f"/shift/?to={lead.pk}").content.decode()
    offer = re.search(r'name="offer" value="([^"]+)"', text)
    assert offer
    data = {"to": lead.pk, "offer": offer[1], "do": "preview"}
    data |= {f"{name}_{case.pk}": said for case in cases for name, said in (("way", "moves"), ("line", "x"))}
    answer = client.post("/shift/", data)
    assert answer.status_code == 422
    full = "Service Lead would have more than they take at once. Keep some of these cases."
    assert full in answer.content.decode()
    with pytest.raises(Refused, match=full):
        hand_over_shift(
            actor=made.actor("associate"), taker_id=lead.pk, key=uuid4(), lines=[HandLine(one.pk, "moves", "x") for one in cases]
        )  # fmt: skip
    one = {**data, f"way_{cases[1].pk}": "watches"}
    assert "Service Lead has 2 now; what moves adds 2" in client.post("/shift/", one).content.decode()
