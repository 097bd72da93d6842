"""The pages of feedback: giving it, changing it, the lists, the answer, and the link beside a closed case."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escalations import actions
from escalations.models import Case, PeerFeedback
from tests.escalations.pages_world import World, world
from tests.factories.escalations import hold

pytestmark = pytest.mark.django_db

SENT = {
    "ownership": "4",
    "communication": "3",
    "judgement": "2",
    "documentation": "1",
    "good": "Called <b>at once</b>",
    "to_try": "",
    "version": "0",
}


@pytest.fixture
def here() -> World:
    return world()


def closed(here: World, subject: str = "Closed matter", owner: str = "service_lead") -> Case:
    """A case that somebody owned when it closed."""
    case, lead = here.case(subject), here.actor("service_lead")
    actions.assign(actor=lead, ref=case.pk, owner_id=here.users[owner].pk)
    for verb in ("triage", "start", "resolve", "close"):
        actions.set_state(actor=lead, ref=case.pk, verb=verb)
    return case


def text(here: World, who: str, url: str, status: int = 200) -> str:
    answer = here.client(who).get(url)
    assert answer.status_code == status, url
    return answer.content.decode()


def test_from_the_link_to_the_answer(here: World) -> None:
    case = closed(here)
    assert f"/cases/{case.ref}/feedback/" in text(here, "associate", f"/cases/{case.ref}/")
    client = here.client("associate")
    form = text(here, "associate", f"/cases/{case.ref}/feedback/")
    assert "Feedback to Service Lead" in form
    assert "An example to others" in form
    made = client.post(f"/cases/{case.ref}/feedback/", SENT)
    assert made.status_code == 302
    url = made["Location"]
    page = text(here, "service_lead", url)
    for part in (
        "Called &lt;b&gt;at once&lt;/b&gt;",
        "An example to others",
        "Needs support",
        "Associate to Service Lead",
    ):
        assert part in page, part
    assert "Your answer" in page
    assert "Your answer" not in text(here, "associate", url)
    again = text(here, "associate", f"/cases/{case.ref}/feedback/")
    assert "Called &lt;b&gt;at once" in again, "there is one: it is changed"
    changed = {**SENT, "good": "Better words", "version": "1"}
    assert client.post(f"/cases/{case.ref}/feedback/", changed).status_code == 302
    assert "Somebody changed this a moment ago" in client.post(f"/cases/{case.ref}/feedback/", changed).content.decode()
    assert "Better words" in text(here, "service_lead", url)
    assert "Closed matter" in text(here, "associate", "/feedback/?list=gave")
    assert "Closed matter" in text(here, "service_lead", "/feedback/")
    assert "Closed matter" not in text(here, "service_lead", "/feedback/?list=led"), (
        "their own stands under what they got"
    )
    here.client("service_lead").post(url, {"answer": "Thank <i>you</i>"})
    page = text(here, "associate", url)
    assert "Thank &lt;i&gt;you&lt;/i&gt;" in page
    assert here.client("service_lead").post(url, {"answer": "Again"}).status_code == 422
    assert text(here, "associate", f"/cases/{case.ref}/feedback/", 403)


def test_it_is_changed_for_its_day_whatever_becomes_of_the_case(here: World) -> None:
    case, client = closed(here), here.client("associate")
    url = client.post(f"/cases/{case.ref}/feedback/", SENT)["Location"]
    actor = here.actor("service_lead")
    actions.set_state(actor=actor, ref=case.pk, verb="reopen")
    actions.assign(actor=actor, ref=case.pk, owner_id=None)

    def change(version: int, good: str) -> None:
        shown = text(here, "associate", url)
        assert "Changes until:" in shown
        assert f'href="{url}change/"' in shown
        form = text(here, "associate", f"{url}change/")
        assert "Feedback to Service Lead" in form, "whoever had the case then"
        assert client.post(f"{url}change/", {**SENT, "good": good, "version": version}).status_code == 302
        assert good in text(here, "service_lead", url)

    change(1, "While it is open again")
    actions.assign(actor=actor, ref=case.pk, owner_id=actor.user_id)
    for verb in ("resolve", "close"):
        actions.set_state(actor=actor, ref=case.pk, verb=verb)
    second = client.post(f"/cases/{case.ref}/feedback/", {**SENT, "good": "Of the second time"})["Location"]
    assert second != url
    change(2, "Closed once more")
    assert "Of the second time" in text(here, "associate", second)
    actions.set_state(actor=actor, ref=case.pk, verb="reopen")
    actions.change_service(actor=actor, ref=case.pk, service_id=here.other_service.pk)
    change(3, "Gone elsewhere")
    assert "Closed matter" not in text(here, "associate", f"{url}change/"), "the case is out of sight"
    stale = client.post(f"{url}change/", {**SENT, "version": "3"})
    assert (stale.status_code, "Somebody changed this" in stale.content.decode()) == (422, True)
    text(here, "service_lead", f"{url}change/", 403)
    text(here, "coordinator", f"{url}change/", 404)
    here.client("service_lead").post(url, {"answer": "Thank you"})
    assert "change/" not in text(here, "associate", url)
    text(here, "associate", f"{url}change/", 403)
    text(here, "associate", f"/feedback/{'9' * 30}/change/", 404)


@pytest.mark.parametrize(
    "wrong", [{"ownership": "5"}, {"ownership": ""}, {"good": " "}, {"good": "x" * 4001}, {"version": "x"}]
)
def test_a_form_that_is_not_whole_is_shown_again(here: World, wrong: dict[str, Any]) -> None:
    case = closed(here)
    answer = here.client("associate").post(f"/cases/{case.ref}/feedback/", {**SENT, **wrong})
    assert answer.status_code == 422
    assert not PeerFeedback.objects.exists()


def test_nobody_else_is_offered_it_or_finds_it(here: World) -> None:
    case = closed(here)
    here.client("associate").post(f"/cases/{case.ref}/feedback/", SENT)
    one = PeerFeedback.objects.get()
    for who in ("administrator", "auditor", "coordinator", "manager", "lead", "qa"):
        assert "feedback" not in text(here, who, f"/cases/{case.ref}/").replace('href="/feedback/"', ""), who
        text(here, who, f"/feedback/{one.pk}/", 404)
        text(here, who, f"/cases/{case.ref}/feedback/", 403)
        assert here.client(who).post(f"/feedback/{one.pk}/", {"answer": "x"}).status_code == 404
    open_one = here.case("Open one")
    assert "Give feedback" not in text(here, "associate", f"/cases/{open_one.ref}/")
    assert "Give feedback" not in text(here, "service_lead", f"/cases/{case.ref}/"), "their own"


def test_of_a_restricted_case_who_holds_a_grant_gives_it(here: World) -> None:
    case = closed(here)
    Case.objects.filter(pk=case.pk).update(sensitivity="restricted")
    hold(case, here.actor("associate"))
    assert "Give feedback" in text(here, "associate", f"/cases/{case.ref}/")
    assert here.client("associate").post(f"/cases/{case.ref}/feedback/", SENT).status_code == 302
    text(here, "service_lead", f"/feedback/{PeerFeedback.objects.get().pk}/", 404)
    hold(case, here.actor("service_lead"))
    text(here, "service_lead", f"/feedback/{PeerFeedback.objects.get().pk}/")


def test_lists_cost_the_same_for_one_and_for_many(here: World) -> None:
    def cost(url: str) -> int:
        client = here.client("associate")
        client.get(url)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url).status_code == 200
        return len(seen)

    case = closed(here)
    here.client("associate").post(f"/cases/{case.ref}/feedback/", SENT)
    few = cost("/feedback/?list=gave")
    for number in range(4):
        more = closed(here, f"Matter {number}")
        here.client("associate").post(f"/cases/{more.ref}/feedback/", SENT)
    assert cost("/feedback/?list=gave") == few
    assert cost(f"/cases/{case.ref}/") <= 12
