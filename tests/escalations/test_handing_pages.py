"""Offering, accepting, asking and answering as people do it: dialogs, pages, panels, lists."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format

from escalations.models import Case, Consult, EntryBody, Handover
from tests.escalations.case_page import act, buttons, page
from tests.escalations.pages_world import HTMX, World, world
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.handing import ConsultFactory, HandoverFactory
from tests.factories.playbooks import published, step

pytestmark = pytest.mark.django_db
PARTS = {"done": "Rebooked", "open": "Refund", "promised": "A call at ten", "nothing_risks": "on"}


@pytest.fixture
def here() -> World:
    return world()


@pytest.fixture
def case(here: World) -> Case:
    return here.case_in_work()


def get(here: World, who: str, url: str, **headers: Any) -> str:
    response = here.client(who).get(url, headers=headers)
    assert response.status_code == 200, url
    return response.content.decode()


def offered(here: World, case: Case, **to: Any) -> Handover:
    made: Handover = HandoverFactory(case=case, given_by=here.users["associate"], **to)
    return made


def asked(here: World, case: Case, **more: Any) -> Consult:
    said = {"asked_by": here.users["associate"], "to_user": here.users["other_associate"], **more}
    made: Consult = ConsultFactory(case=case, **said)
    return made


def test_the_form_proposes_what_is_known_and_offers_who_can_own_it(here: World, case: Case) -> None:
    published(step("call", title="Call the guest"), step("pay", title="Pay it back"), service=here.service)
    fresh = here.case("Another")
    html = get(here, "associate", f"/cases/{fresh.ref}/handover/", **HTMX)
    for shown in ("Call the guest", "Pay it back", "Resolution by", "First response by", "not on duty", "load 0"):
        assert shown in html
    for name in ("Service Lead", "Coordinator", "Manager", "Payments"):
        assert name in html
    for name in ("Other Associate", "Agent", "Auditor", "Administrator"):
        assert name not in html


def test_offering_goes_to_the_page_of_the_offer(here: World, case: Case) -> None:
    target = f"person:{here.users['service_lead'].pk}"
    response = act(here, "associate", case, "handover", {"target": target, **PARTS}, version=False)
    made = Handover.objects.get()
    assert response.url == f"/handovers/{made.pk}/"
    html = get(here, "service_lead", response.url)
    for shown in ("Rebooked", "Refund", "A call at ten", "Nothing", "Accept", "Decline"):
        assert shown in html
    assert "Take back" not in html, "they were asked: to decline ends it as well"
    assert "Accept" not in get(here, "auditor", response.url)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"open": " "}, "Write a few words, or tick that there is nothing."),
        ({"nothing_done": "on"}, "Either write something or tick that there is nothing, not both."),
        ({"target": "person:99999999"}, "Select a valid choice"),
        ({"target": ""}, "This field is required."),
        ({"done": "a" * 5000}, "at most 4000 characters"),
    ],
)
def test_what_is_wrong_stands_at_its_field(here: World, case: Case, data: dict[str, str], text: str) -> None:
    said = {"target": f"person:{here.users['service_lead'].pk}", **PARTS, **data}
    response = act(here, "associate", case, "handover", said, version=False)
    assert response.status_code == 422
    assert text in response.content.decode()
    assert not Handover.objects.exists()


def test_accepting_declining_and_taking_back(here: World, case: Case) -> None:
    lead = here.client("service_lead")
    made = offered(here, case, to_user=here.users["service_lead"])
    url = f"/handovers/{made.pk}/"
    assert "Say why." in lead.post(url, {"act": "decline"}).content.decode()
    assert lead.post(url, {"act": "decline", "reason": "Full"}).url == "/handovers/"
    late = lead.post(url, {"act": "accept"})
    assert (late.status_code, "answered or taken back meanwhile" in late.content.decode()) == (422, True)
    again = offered(here, case, to_user=here.users["service_lead"])
    assert here.client("associate").post(f"/handovers/{again.pk}/", {"act": "back"}).status_code == 302
    last = offered(here, case, to_user=here.users["service_lead"])
    assert lead.post(f"/handovers/{last.pk}/", {"act": "accept"}).url == f"/cases/{case.ref}/"
    case.refresh_from_db()
    assert case.owner == here.users["service_lead"]


def test_everybody_is_shown_what_fits_their_part(here: World, case: Case) -> None:
    def shown(who: str, made: Handover) -> list[set[str]]:
        words = {"Accept", "Decline", "Take back"}
        pages = get(here, who, f"/cases/{case.ref}/handing/", **HTMX), get(here, who, f"/handovers/{made.pk}/")
        return [{one for one in words if re.search(rf">{one}<", html)} for html in pages]

    made = offered(here, case, to_user=here.users["service_lead"])
    assert shown("service_lead", made) == [{"Accept", "Decline"}] * 2, "a lead who was asked"
    assert shown("associate", made) == [{"Take back"}] * 2, "who offered it"
    assert shown("coordinator", made) == [{"Take back"}] * 2, "who may assign it, and was not asked"
    assert shown("auditor", made) == [set()] * 2
    here.client("associate").post(f"/handovers/{made.pk}/", {"act": "back"})
    to_others = offered(here, case, to_service=here.other_service)
    assert shown("service_lead", to_others) == [{"Take back"}] * 2, "a lead who was not asked"


def test_a_member_of_the_other_service_reads_accepts_and_has_it(here: World, case: Case) -> None:
    made = offered(here, case, to_service=here.other_service)
    member = here.client("other_associate")
    assert case.ref in get(here, "other_associate", "/handovers/")
    assert "Accept" in get(here, "other_associate", f"/cases/{case.ref}/handing/", **HTMX)
    assert buttons(page(here, "other_associate", case)) == set()
    assert member.post(f"/handovers/{made.pk}/", {"act": "accept"}).status_code == 302
    case.refresh_from_db()
    assert (case.owner, case.service) == (here.users["other_associate"], here.other_service)
    assert here.client("associate").get(f"/cases/{case.ref}/").status_code == 404


def test_the_panel_of_a_case_shows_what_is_open_and_its_page_everything(here: World, case: Case) -> None:
    url = f"/cases/{case.ref}/handing/"
    assert url in page(here, "associate", case)
    assert "hidden" in get(here, "associate", url, **HTMX)
    made = offered(here, case, to_user=here.users["service_lead"])
    question = asked(here, case)
    panel = get(here, "associate", url, **HTMX)
    for shown in (
        "Hand-over offered to Service Lead",
        "Take back",
        "Question to Other Associate",
        f"/consults/{question.pk}/",
    ):
        assert shown in panel
    everything = get(here, "associate", url)
    assert f'<a href="/handovers/{made.pk}/">Associate to Service Lead</a>' in everything
    assert f'<a href="/consults/{question.pk}/">Associate asks Other Associate</a>' in everything
    assert here.client("lead").get(url).status_code == 404


def test_asking_answering_and_the_lists(here: World, case: Case) -> None:
    due = timezone.localtime(timezone.now() + timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M")
    said = {"person": str(here.users["other_associate"].pk), "question": "Which form is it?", "due_at": due}
    response = act(here, "associate", case, "consult", said, version=False)
    consult = Consult.objects.get()
    assert response.url == f"/consults/{consult.pk}/"
    assert "Which form is it?" in get(here, "other_associate", "/consults/")
    assert buttons(page(here, "other_associate", case)) == set()
    other = here.client("other_associate")
    assert "Write something." in other.post(response.url, {"act": "answer", "text": " "}).content.decode()
    assert other.post(response.url, {"act": "answer", "text": "Form 12"}).url == "/consults/"
    assert "Form 12" in get(here, "associate", response.url)
    assert "Form 12" in page(here, "associate", case)
    left = get(here, "other_associate", "/consults/")
    assert case.ref not in left
    assert "You answered 1 question in the last 30 days" in left, "a number that names no case"
    assert "in the last 30 days" not in get(here, "associate", "/consults/")
    long_ago = timezone.now() - timedelta(days=31)
    Consult.objects.update(asked_at=long_ago, due_at=long_ago + timedelta(hours=1), settled_at=long_ago)
    assert "in the last 30 days" not in get(here, "other_associate", "/consults/")
    assert "Answered" in get(here, "associate", "/consults/")
    for url in (response.url, f"/cases/{case.ref}/"):
        assert other.get(url).status_code == 404


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"due_at": "2001-01-01T00:00"}, "still to come, within a year"),
        ({"due_at": "9999-12-31T23:59"}, "still to come, within a year"),
        ({"due_at": "0001-01-01T00:00"}, "still to come, within a year"),
        ({"due_at": "soon"}, "Enter a valid date/time."),
        ({"question": "\x00"}, "Null characters are not allowed."),
        ({"person": "1e400"}, "Select a valid choice"),
    ],
)
def test_a_question_that_is_wrong_says_where(here: World, case: Case, data: dict[str, str], text: str) -> None:
    due = (timezone.localtime() + timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M")
    said = {"person": str(here.users["other_associate"].pk), "question": "Which?", "due_at": due, **data}
    response = act(here, "associate", case, "consult", said, version=False)
    assert response.status_code == 422
    assert text in response.content.decode()
    assert not Consult.objects.exists()


def test_when_it_is_due_is_shown_by_both_clocks(here: World, case: Case) -> None:
    type(here.users["associate"]).objects.filter(pk=here.users["associate"].pk).update(time_zone="Asia/Tokyo")
    type(here.users["associate"]).objects.filter(pk=here.users["other_associate"].pk).update(time_zone="America/Lima")
    at = (timezone.now() + timedelta(days=3)).replace(hour=3, minute=30, second=0, microsecond=0)
    consult = asked(here, case, due_at=at)
    day, before = date_format(at, "j M", use_l10n=False), date_format(at - timedelta(days=1), "j M", use_l10n=False)
    html = get(here, "associate", f"/consults/{consult.pk}/")
    assert f"{day}, 12:30" in html
    assert f"{before}, 22:30 for Other Associate (America/Lima)" in html
    html = get(here, "other_associate", f"/consults/{consult.pk}/")
    assert f"{before}, 22:30" in html
    assert f"{day}, 12:30 for Associate (Asia/Tokyo)" in html


def test_the_time_is_read_by_the_askers_clock(here: World, case: Case) -> None:
    users = type(here.users["associate"]).objects
    users.filter(pk=here.users["associate"].pk).update(time_zone="Asia/Tokyo")
    day = (timezone.now() + timedelta(days=3)).date()
    said = {"person": str(here.users["other_associate"].pk), "question": "Which?", "due_at": f"{day}T12:30"}
    act(here, "associate", case, "consult", said, version=False)
    due = Consult.objects.get().due_at
    assert (due.date(), due.strftime("%H:%M")) == (day, "03:30")


def test_removed_words_are_removed_everywhere(here: World, case: Case) -> None:
    made, consult = offered(here, case, to_user=here.users["service_lead"]), asked(here, case)
    for entry in (made.entry, consult.question):
        EntryBody.objects.filter(entry=entry).update(text="", redacted_at=timezone.now())
    for url in (f"/handovers/{made.pk}/", f"/consults/{consult.pk}/", f"/cases/{case.ref}/"):
        html = get(here, "associate", url)
        assert "These words were removed" in html
        assert "Rebooked" not in html


def test_pages_and_lists_take_the_same_queries_however_many(here: World, case: Case) -> None:
    def counted(who: str, url: str) -> int:
        client = here.client(who)
        client.get(url)
        with CaptureQueriesContext(connection) as found:
            assert client.get(url).status_code == 200
        return len(found)

    first = asked(here, case)
    HandoverFactory(case=here.case(), given_by=here.users["coordinator"], to_user=here.users["associate"])
    before = [counted("other_associate", "/consults/"), counted("associate", "/handovers/")]
    reader = counted("other_associate", f"/cases/{case.ref}/")
    assert reader <= 12
    for _number in range(4):
        asked(here, here.case())
        HandoverFactory(case=here.case(), given_by=here.users["coordinator"], to_user=here.users["associate"])
    for _number in range(3):
        user = UserFactory()
        MembershipFactory(user=user, role="associate", service=here.service)
        asked(here, case, to_user=user)
    assert [counted("other_associate", "/consults/"), counted("associate", "/handovers/")] == before
    assert counted("other_associate", f"/cases/{case.ref}/") == reader
    assert first.pk
