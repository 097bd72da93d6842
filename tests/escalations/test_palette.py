"""What the palette offers on the page of a case: what its reader may do there, and nothing on cases out of sight."""

import re

import pytest

from tests.escalations.pages_world import World, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(db: None) -> World:
    return world()


def offered(here: World, who: str, path: str, text: str = "") -> dict[str, str]:
    """Labels and addresses of the acts."""
    page = here.client(who).get("/ui/palette/", {"q": text, "at": path}).content.decode()
    links = re.findall(r'id="po-act[^"]*" [^>]*href="([^"]+)">.*?<span>(.*?)</span>', page)
    return {label: url for url, label in links}


def test_those_who_work_the_case_are_offered_its_forms(here: World) -> None:
    case = here.case()
    acts = offered(here, "associate", f"/cases/{case.ref}/facts/")
    me = here.users["associate"].pk
    assert acts["Assign to me"] == f"/cases/{case.ref}/assign/?owner={me}"
    assert acts["Add note"] == f"/cases/{case.ref}/#note-text"
    assert {"Assign", "Severity", "Escalate", "Playbook"} <= set(acts)
    for label, url in acts.items():
        assert here.client("associate").get(url).status_code == 200, label


def test_a_link_chooses_beforehand_and_does_nothing_by_itself(here: World) -> None:
    case = here.case()
    acts = offered(here, "associate", f"/cases/{case.ref}/")
    page = here.client("associate").get(acts["Assign to me"]).content.decode()
    assert re.search(rf'<option value="{here.users["associate"].pk}" selected', page)
    state = next(url for label, url in acts.items() if label.startswith("State: "))
    verb = state.partition("verb=")[2]
    assert re.search(rf'value="{verb}"[^>]*(checked|selected)', here.client("associate").get(state).content.decode())
    case.refresh_from_db()
    assert (case.owner_id, case.version) == (None, 1)
    for odd in ("999999", "x", "\x00", "1" * 5000):
        assert here.client("associate").get(f"/cases/{case.ref}/assign/", {"owner": odd}).status_code == 200


def test_whoever_only_follows_is_offered_what_they_may(here: World) -> None:
    case = here.case()
    assert set(offered(here, "lead", f"/cases/{case.ref}/")) <= {"Add note"}
    assert offered(here, "lead", f"/cases/{case.ref}/", "assign") == {}


def test_on_cases_out_of_sight_and_on_other_pages_there_is_nothing(here: World) -> None:
    case = here.case()
    for who in ("foreign_lead", "agent"):
        if who in here.users:
            page = here.client(who).get("/ui/palette/", {"at": f"/cases/{case.ref}/"}).content.decode()
            assert case.ref not in page
    for path in (
        "/",
        "/inbox/",
        "/cases/EC-99999999/",
        "x",
        "/cases/EC-1\x00/",
        "/cases/" + "9" * 400,
        f"//cases/{case.ref}/",
    ):
        assert offered(here, "associate", path) == {}
