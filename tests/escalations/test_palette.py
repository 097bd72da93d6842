"""What the palette offers on the page of a case: what its reader may do there, and nothing on cases out of sight."""

import re

import pytest

from escalations.models import Watcher
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


def lines(here: World, who: str, path: str, text: str) -> list[str]:
    """What is listed, from the top."""
    page = here.client(who).get("/ui/palette/", {"q": text, "at": path}).content.decode()
    return re.findall(r'role="option".*?<span>(.*?)</span>', page)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("start", "State: Start work"),
        ("start work", "State: Start work"),
        ("in progress", "State: Start work"),
        ("wait on", "State: Wait on customer"),
        ("contact", "Log a contact"),
        ("brief", "Write a brief"),
        ("write a b", "Write a brief"),
        ("watch", "Watch"),
    ],
)
def test_an_act_stands_before_cases_that_hold_the_word(here: World, typed: str, first: str) -> None:
    other = here.case("start work, triaged, in progress, wait on the contact: write a brief and watch")
    case = here.case()
    listed = lines(here, "associate", f"/cases/{case.ref}/", typed)
    assert listed[0] == first
    assert f"{other.ref} {other.subject}" in listed
    assert lines(here, "coordinator", f"/cases/{case.ref}/", "Triaged")[0] == "State: Mark triaged"
    # Part of a word is no act that was meant, and a reference is meant by whoever types it.
    listed = lines(here, "associate", f"/cases/{case.ref}/", "ork")
    assert "State: Start work" in listed
    assert lines(here, "associate", f"/cases/{case.ref}/", f"ec {other.pk}")[0].startswith(other.ref)


def test_in_chinese_a_word_may_begin_anywhere_in_a_label(here: World) -> None:
    here.case("请联系客人，处理中")
    case = here.case()
    user = here.users["associate"]
    user.language = "zh-hans"
    user.save(update_fields=["language"])
    assert lines(here, "associate", f"/cases/{case.ref}/", "联系")[0] == "记录联系"
    assert lines(here, "associate", f"/cases/{case.ref}/", "处理中")[0].startswith("状态：")


def test_watching_is_called_as_its_button(here: World) -> None:
    case = here.case()
    at = f"/cases/{case.ref}/"
    assert offered(here, "associate", at)["Watch"] == f"{at}#watch"
    Watcher.objects.create(case=case, user=here.users["associate"])
    assert "Stop watching" in offered(here, "associate", at)


def test_whoever_only_follows_is_offered_what_they_may(here: World) -> None:
    case = here.case()
    assert set(offered(here, "lead", f"/cases/{case.ref}/")) <= {"Add note", "Watch"}
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
