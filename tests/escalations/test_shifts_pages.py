"""The pages of a shift: who goes on, the list, the preview, sending, and ticking."""

import re
from typing import Any

import pytest
from django.test import Client

from escalations.actions import assign
from escalations.models import Case, ShiftHandover
from tests.escalations.pages_world import World, world
from tests.factories.assigning import takes
from tests.factories.escalations import hold

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> World:
    return world()


def owned(made: World, subject: str, **more: Any) -> Case:
    """A case of the associate's."""
    case = made.case(subject, **more)
    assign(actor=made.actor("service_lead"), ref=case.pk, owner_id=made.users["associate"].pk)
    return case


def page(client: Client, url: str, data: dict[str, Any] | None = None, status: int = 200) -> str:
    answer = client.get(url) if data is None else client.post(url, data)
    assert answer.status_code == status, answer.content.decode()[:500]
    return answer.content.decode()


def offered(text: str) -> str:
    found = re.search(r'name="offer" value="([^"]+)"', text)
    assert found
    return found[1]


def test_a_shift_from_the_list_to_the_last_tick(made: World) -> None:
    one, two = owned(made, "First matter"), owned(made, "Second matter")
    client, lead = made.client("associate"), made.users["service_lead"]
    start = page(client, "/shift/")
    assert "Service Lead · has 0" in start
    text = page(client, f"/shift/?to={lead.pk}")
    assert text.index("First matter") < text.index("Second matter")
    data = {"to": lead.pk, "offer": offered(text), f"way_{one.pk}": "moves", f"line_{one.pk}": "Call <b>now</b>"}
    data |= {f"way_{two.pk}": "watches", f"line_{two.pk}": "", "do": "preview"}
    preview = page(client, "/shift/", data)
    assert "Call &lt;b&gt;now&lt;/b&gt;" in preview
    assert "what moves adds 2" in preview
    assert not ShiftHandover.objects.exists()
    again = page(client, "/shift/", {**data, "do": "edit"})
    assert 'value="Call &lt;b&gt;now&lt;/b&gt;"' in again
    sent = client.post("/shift/", {**data, "do": "send"})
    assert sent.status_code == 302
    assert client.post("/shift/", {**data, "do": "send"})["Location"] == sent["Location"], "sent twice is one"
    assert ShiftHandover.objects.count() == 1
    mine, theirs = page(client, sent["Location"]), page(made.client("service_lead"), sent["Location"])
    assert "Not taken over yet" in mine
    assert "0 of 2 taken over" in theirs
    made.client("service_lead").post(sent["Location"] + "take/")
    assert "2 of 2 taken over" in page(client, sent["Location"])
    assert "2 of 2 taken over" in page(client, "/shift/")
    stream = page(made.client("service_lead"), f"/cases/{one.ref}/")
    assert "Handed over to Service Lead at the end of a shift" in stream
    assert f"redact-{one.entries.get(code='shift.moved').pk}" in stream, "the line can be removed"


def test_a_grave_case_needs_its_line_and_a_cap_holds(made: World) -> None:
    case = owned(made, "Grave", impact="people", urgency="now")
    client, lead = made.client("associate"), made.users["service_lead"]
    takes(lead.pk, cap=7)
    text = page(client, f"/shift/?to={lead.pk}")
    assert "has 0 of at most 7" in text
    data = {"to": lead.pk, "offer": offered(text), f"way_{case.pk}": "moves", f"line_{case.pk}": " ", "do": "send"}
    assert "S1 and S2 are not handed over without one" in page(client, "/shift/", data, 422)
    full = page(client, "/shift/", {**data, f"line_{case.pk}": "Words"}, 422)
    assert "Service Lead would have more than they take at once" in full
    assert not ShiftHandover.objects.exists()


def test_a_case_that_the_taker_may_not_see_stays(made: World) -> None:
    case, plain = owned(made, "Hidden matter"), owned(made, "Plain")
    Case.objects.filter(pk=case.pk).update(sensitivity="restricted")
    hold(case, made.actor("associate"))
    client, lead = made.client("associate"), made.users["service_lead"]
    text = page(client, f"/shift/?to={lead.pk}")
    assert "Cannot go to Service Lead" in text
    assert f"way_{case.pk}" not in text
    data = {"to": lead.pk, "offer": offered(text), f"way_{plain.pk}": "moves", f"line_{plain.pk}": "", "do": "send"}
    url = client.post("/shift/", data)["Location"]
    case.refresh_from_db()
    assert case.owner_id == made.users["associate"].pk
    for who in ("associate", "service_lead"):
        assert case.ref not in page(made.client(who), url)


def test_what_changed_while_somebody_wrote_is_said(made: World) -> None:
    kept, gone = owned(made, "Kept"), owned(made, "Gone")
    client, lead = made.client("associate"), made.users["service_lead"]
    text = page(client, f"/shift/?to={lead.pk}")
    data = {"to": lead.pk, "offer": offered(text), "do": "preview"}
    data |= {f"{name}_{case.pk}": value for case in (kept, gone) for name, value in (("way", "moves"), ("line", "x"))}
    assign(actor=made.actor("service_lead"), ref=gone.pk, owner_id=lead.pk)
    assert "1 case changed while you wrote" in page(client, "/shift/", data)
    url = client.post("/shift/", {**data, "do": "send"})["Location"]
    text = page(client, url)
    assert "It was no longer yours." in text
    assert "0 of 1 taken over" in text


def test_a_list_of_somebody_else_or_none_is_refused(made: World) -> None:
    case = owned(made, "Mine")
    client, lead = made.client("associate"), made.users["service_lead"]
    foreign = made.client("service_lead")
    other = made.case("Theirs")
    assign(actor=made.actor("service_lead"), ref=other.pk, owner_id=lead.pk)
    theirs = offered(page(foreign, f"/shift/?to={made.users['associate'].pk}"))
    for offer in ("", "x", theirs):
        data = {"to": lead.pk, "offer": offer, f"way_{case.pk}": "moves", "do": "send"}
        assert "This list is too old" in page(client, "/shift/", data, 422)
    assert "Choose who goes on" in page(client, "/shift/?to=999999999999999999999", status=422)
    for line in ("x", "9" * 40, "0"):
        assert client.post("/shift/1/take/", {"line": line}).status_code == 404
    assert not ShiftHandover.objects.exists()
