"""Pages of actions: raise one, find it, do it, verify it, see what is refused."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reviews.models import Action
from tests.escalations.pages_world import World, world
from tests.reviews.action_world import done, raised

pytestmark = pytest.mark.django_db
NEW, LIST, BOARD = "/reviews/actions/new/", "/reviews/actions/", "/reviews/actions/board/"


@pytest.fixture
def made() -> World:
    return world()


def a_day(days: int = 10) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def test_raise_one_and_close_it(made: World) -> None:
    coordinator, lead = made.client("coordinator"), made.client("lead")
    assert "Coordinator" in coordinator.get(NEW).content.decode()
    given = {
        "title": "Coach the late shift", "owner": made.users["lead"].pk, "due": a_day(), "kpi": "service-level", "expected": "5",
    }  # fmt: skip
    response = coordinator.post(NEW, given, follow=True)
    action = Action.objects.get()
    page = response.content.decode()
    assert response.redirect_chain[-1][0] == f"/reviews/actions/{action.ref}/"
    assert "Coach the late shift" in page
    assert "Service level: +5.0 points" in page
    assert str(action.expected_change) == "0.0500"
    assert "Take it on" not in page
    url = f"/reviews/actions/{action.ref}/"
    assert "Under way" in lead.post(f"{url}take/", follow=True).content.decode()
    proof = SimpleUploadedFile("rota.txt", b"Monday")
    page = lead.post(f"{url}done/", {"evidence": "See the rota", "uploads": [proof]}, follow=True).content.decode()
    assert "rota.txt" in page
    assert "Done, to be verified" in page
    assert ">Verify<" not in page
    page = coordinator.post(f"{url}verify/", {"text": "Saw it"}, follow=True).content.decode()
    assert "Verified" in page
    assert "Saw it" in page


def test_errors_stand_at_their_fields(made: World) -> None:
    response = made.client("coordinator").post(NEW, {"owner": made.users["lead"].pk, "due": a_day(-3), "expected": "5"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "Choose the KPI that it is to move." in page
    response = made.client("coordinator").post(NEW, {"title": "x", "owner": made.users["lead"].pk, "due": a_day(-3)})
    assert "Choose a day that is still to come." in response.content.decode()
    action = raised(made)
    response = made.client("lead").post(f"/reviews/actions/{action.ref}/done/", {"evidence": ""})
    assert response.status_code == 422
    assert "Say what shows that it is done, or add a file." in response.content.decode()


@pytest.mark.parametrize(
    "query",
    ["from=finding:1", "from=case:EC-999", "from=x", "from=pack:99999999999999999999", "place=site-x", "from=%00"],
)
def test_what_is_not_there(made: World, query: str) -> None:
    assert made.client("coordinator").get(f"{NEW}?{query}").status_code == 404


def test_list_and_board(made: World) -> None:
    first, second = raised(made), raised(made, owner="manager", title="Renew the headsets")
    done(made, raised(made, title="Call the landlord"))
    client = made.client("coordinator")
    page = client.get(LIST).content.decode()
    assert first.ref in page
    assert second.title in page
    assert "Call the landlord" not in page
    assert "Call the landlord" in client.get(f"{LIST}?tab=verify").content.decode()
    page = client.get(f"{LIST}?owner={made.users['manager'].pk}").content.decode()
    assert second.title in page
    assert first.title not in page
    assert first.title not in client.get(f"{LIST}?whose=mine").content.decode()
    board = client.get(BOARD).content.decode()
    assert all(text in board for text in (first.title, second.title, "Call the landlord"))
    assert first.title not in made.client("foreign_lead").get(BOARD).content.decode()


@pytest.mark.parametrize(
    "query", ["owner=x", "age=-1", "site=%00", "source=x", "cursor=x", "tab=x", "age=99999999999999999999"]
)
def test_bad_filters(made: World, query: str) -> None:
    assert made.client("coordinator").get(f"{LIST}?{query}").status_code in {200, 400, 404}


def test_change_and_conflict(made: World) -> None:
    action, client = raised(made), made.client("coordinator")
    url = f"/reviews/actions/{action.ref}/change/"
    assert "Coach the late shift" in client.get(url).content.decode()
    given = {"title": "Coach both", "owner": made.users["lead"].pk, "due": a_day(20), "version": "1"}
    assert "Coach both" in client.post(url, given, follow=True).content.decode()
    response = client.post(url, {**given, "title": "Coach all"})
    assert response.status_code == 409
    assert "Coach all" in response.content.decode()
    assert made.client("lead").get(url).status_code == 403
    assert made.client("foreign_lead").get(url).status_code == 404


def test_queries_do_not_grow(made: World) -> None:
    client, counted = made.client("coordinator"), []
    for more in (2, 12):
        for _at in range(more):
            raised(made)
        asked = []
        for url in (LIST, BOARD):
            client.get(url)
            with CaptureQueriesContext(connection) as caught:
                client.get(url)
            asked.append(len(caught))
        counted.append(asked)
    assert counted[0] == counted[1]
