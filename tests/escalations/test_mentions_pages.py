"""Naming people on the page: suggestions, the hint, the marked name, and the list of mentions."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escalations import actions
from escalations.models import Case
from tests.escalations.pages_world import HTMX, World, world
from tests.factories.escalations import hold

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> World:
    return world()


def test_suggestions_are_people_who_see_this_case(here: World) -> None:
    case, client = here.case(), here.client("associate")
    text = client.get(f"/cases/{case.ref}/people/?q=").content.decode()
    for name in ("Associate", "Service Lead", "Coordinator", "Manager", "Auditor", "Administrator"):
        assert f'data-spelling="{name}"' in text, name
    for name in ("Other Associate", "Agent", "Qa", "Foreign Lead"):
        assert name not in text, name
    found = client.get(f"/cases/{case.ref}/people/?q=lea").content.decode()
    assert "Service Lead" in found
    assert "Coordinator" not in found
    Case.objects.filter(pk=case.pk).update(sensitivity="restricted")
    hold(case, here.actor("associate"))
    text = client.get(f"/cases/{case.ref}/people/?q=").content.decode()
    assert text.count('role="option"') == 1
    assert "Associate" in text


def test_who_does_not_exist_and_who_may_not_see_it_are_told_apart_by_nothing(here: World) -> None:
    case, client = here.case(), here.client("associate")

    def hint(*said: str) -> str:
        return client.get(f"/cases/{case.ref}/people/", {"said": said}).content.decode().strip()

    assert hint("@Other Associate, look").replace("@Other", "@X") == hint("@Qwxyz, look").replace("@Qwxyz", "@X")
    assert hint("@Service Lead, look", "@Coordinator") == ""
    assert "&lt;b&gt;" in hint("@a<b>") or "<b>" not in hint("@a<b>")


def test_a_note_marks_names_and_says_what_names_nobody(here: World) -> None:
    case, client = here.case(), here.client("associate")
    sent = {"text": "@Service Lead <b>look</b> @Nobodyhere", "shared": "0"}
    answer = client.post(f"/cases/{case.ref}/note/", sent, headers=HTMX)
    assert '<b class="mention">@Service Lead</b> &lt;b&gt;look&lt;/b&gt; @Nobodyhere' in answer.content.decode()
    assert "Nobody who sees this case is called @Nobodyhere." in answer.content.decode()
    assert "data-mentions" in answer.content.decode()
    client.post(f"/cases/{case.ref}/note/", sent)
    assert "Nobody who sees this case is called @Nobodyhere." in client.get(f"/cases/{case.ref}/").content.decode()
    shared = client.post(f"/cases/{case.ref}/note/", {**sent, "shared": "1"}, headers=HTMX).content.decode()
    assert "Nobody who sees" not in shared
    for who in ("lead", "qa"):
        page = here.client(who).get(f"/cases/{case.ref}/").content.decode()
        assert "data-mentions" not in page


def test_my_mentions_new_ones_first_and_read_by_a_button(here: World) -> None:
    case = here.case("Guest <i>locked</i> out")
    for n in range(2):
        text = "x " * 300 + f"@Service Lead <u>{n}</u>" + " y" * 300
        actions.add_note(actor=here.actor("associate"), ref=case.pk, text=text, shared=False)
    client = here.client("service_lead")
    page = client.get("/mentions/").content.decode()
    assert page.index("&lt;u&gt;1") < page.index("&lt;u&gt;0")
    assert page.count('<b class="mention">@Service Lead</b>') == 2
    assert "Guest &lt;i&gt;locked&lt;/i&gt; out" in page
    newest = page.split('name="up_to" value="')[1].split('"')[0]
    assert client.get("/mentions/").content.decode().count(">Unread<") == 2, "looking reads nothing"
    assert client.post("/mentions/read/", {"up_to": newest}).status_code == 302
    again = client.get("/mentions/").content.decode()
    assert ">Unread<" not in again
    assert "up_to" not in again
    for bad in ("", "x", "-1", "9" * 30, "1.5"):
        assert client.post("/mentions/read/", {"up_to": bad}).status_code == 404
    assert client.get("/mentions/?cursor=nonsense").status_code == 400


def test_the_page_of_a_case_costs_no_query_more_for_names(here: World) -> None:
    case, client = here.case(), here.client("associate")

    def cost(url: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url).status_code == 200
        return len(seen)

    plain = cost(f"/cases/{case.ref}/")
    for _ in range(3):
        actions.add_note(actor=here.actor("service_lead"), ref=case.pk, text="@Associate @Coordinator", shared=False)
    assert cost(f"/cases/{case.ref}/") == plain
    few = cost("/mentions/")
    for _ in range(9):
        actions.add_note(actor=here.actor("service_lead"), ref=case.pk, text="@Associate", shared=False)
    assert cost("/mentions/") == few
