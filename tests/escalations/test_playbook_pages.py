"""The playbook on the page of a case: who sees it, ticking with and without script, and resolving through the pages."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escalations import actions
from escalations.models import Case, PlaybookVersion, StepEvent
from portal.accounts.rules import SYSTEM
from portal.files.models import StoredFile
from tests.escalations.case_page import act, page
from tests.escalations.pages_world import HTMX, World, world
from tests.factories.playbooks import ANSWERS, published, step

pytestmark = pytest.mark.django_db

STEPS = (
    step(
        "safe",
        answers=ANSWERS,
        guidance="Ask first whether everybody is indoors.",
        guidance_zh="先问大家是否都在室内。",
    ),
    step("room", only_if_step="safe", only_if_answer="no", evidence="text"),
    step("lock", required=False),
    step("call"),
    step("photo", evidence="file", required=False),
)


@pytest.fixture
def here() -> World:
    made = world()
    published(*STEPS, name="Stranded guest", name_zh="客人无处可住", service=made.service)
    return made


@pytest.fixture
def case(here: World) -> Case:
    return here.case()


def playbook(here: World, who: str, case: Case, *, htmx: bool = False) -> str:
    response = here.client(who).get(f"/cases/{case.ref}/playbook/", headers=HTMX if htmx else {})
    assert response.status_code == 200
    html = response.content.decode()
    return html if htmx else html.partition("<main")[2].partition("</main>")[0]


def mark(here: World, who: str, case: Case, key: str, *, htmx: bool = False, **said: Any) -> Any:
    """Post the form of a step as it stands on the page."""
    html = playbook(here, who, case, htmx=htmx)
    part = html[html.index(f'<li id="step-{key}"') :]
    seen = re.search(r'name="seen" value="([0-9.]+)"', part)
    assert seen
    address = f"/cases/{case.ref}/steps/{key}/"
    return here.client(who).post(address, {"seen": seen[1], **said}, headers=HTMX if htmx else {})


def test_the_panel_is_fetched_after_the_page_and_has_a_page_of_its_own(here: World, case: Case) -> None:
    html = page(here, "associate", case)
    assert f'hx-get="/cases/{case.ref}/playbook/" hx-trigger="load"' in html
    assert f'<a href="/cases/{case.ref}/playbook/">Playbook</a>' in html
    assert "Stranded guest" not in html
    for part in (playbook(here, "associate", case), playbook(here, "associate", case, htmx=True)):
        for text in (
            "Playbook: Stranded guest",
            "0 of 4",
            "Ask first whether everybody is indoors.",
            "Step call",
            "(optional)",
        ):
            assert text in part, text
        assert "Step room" not in part
    assert "<main" not in playbook(here, "associate", case, htmx=True)
    assert "hx-post" not in playbook(here, "associate", case)


@pytest.mark.parametrize("who", ["lead", "qa", "agent", "foreign_lead", "other_associate", "it"])
def test_partners_and_strangers_see_no_playbook(here: World, who: str) -> None:
    case = here.case(by="agent")
    actions.mark_step(actor=SYSTEM, ref=case.ref, step="lock", what="skipped", text="Secret reason")
    client = here.client(who)
    assert client.get(f"/cases/{case.ref}/playbook/").status_code == 404
    assert client.post(f"/cases/{case.ref}/steps/call/", {"what": "done", "seen": "1.0"}).status_code == 404
    response = client.get(f"/cases/{case.ref}/")
    for word in ("laybook", "Step lock", "Secret reason"):
        assert word not in response.content.decode().partition("<main")[2]
    assert StepEvent.objects.count() == 1


@pytest.mark.parametrize("who", ["auditor", "administrator"])
def test_who_only_looks_ticks_nothing(here: World, case: Case, who: str) -> None:
    html = playbook(here, who, case)
    assert "Stranded guest" in html
    assert "<form" not in html
    assert html.count("disabled") == 4
    assert here.client(who).post(f"/cases/{case.ref}/steps/call/", {"what": "done", "seen": "0.0"}).status_code == 403


def test_confidential_cases_have_no_playbook_for_others(here: World) -> None:
    case = here.case("Hidden", by="service_lead", sensitivity="confidential")
    restricted = here.case("Hidden", by="service_lead", sensitivity="restricted")
    assert "Stranded guest" in playbook(here, "associate", case)
    for who, one in (
        ("coordinator", case),
        ("administrator", case),
        ("associate", restricted),
        ("auditor", restricted),
    ):
        assert here.client(who).get(f"/cases/{one.ref}/playbook/").status_code == 404
        assert (
            here.client(who).post(f"/cases/{one.ref}/steps/call/", {"what": "done", "seen": "0.0"}).status_code == 404
        )


def test_ticking_without_script_comes_back_to_the_page(here: World, case: Case) -> None:
    response = mark(here, "associate", case, "call", what="done")
    assert (response.status_code, response["Location"]) == (302, f"/cases/{case.ref}/playbook/#step-call")
    html = here.client("associate").get(response["Location"]).content.decode()
    assert "1 of 4" in html
    assert 'id="tick-call" checked' in html
    assert "Associate · " in html
    assert "Step done: Step call" in page(here, "associate", case)
    assert mark(here, "coordinator", case, "call", what="undone").status_code == 302
    assert "0 of 4" in playbook(here, "associate", case)


def test_ticking_with_script_swaps_the_case_and_can_be_undone(here: World, case: Case) -> None:
    response = mark(here, "associate", case, "call", htmx=True, what="done")
    html = response.content.decode()
    assert response.status_code == 200
    for part in (
        'id="case-rail" class="rail" hx-swap-oob',
        "Step done: Step call",
        "1 of 4",
        "Done: Step call",
        'hx-post="/cases/',
    ):
        assert part in html, part
    undo = re.search(r'"(/cases/undo/\?token=[^"]+)"', html)
    assert undo
    address = undo[1].replace("&amp;", "&")
    assert here.client("coordinator").post(address).status_code == 404
    assert here.client("associate").post(address).status_code == 302
    assert "0 of 4" in playbook(here, "associate", case)
    assert here.client("associate").post(address, headers=HTMX).status_code == 409


def test_an_answer_opens_its_branch_and_words_are_asked_for(here: World, case: Case) -> None:
    assert "Choose one of the answers" not in playbook(here, "associate", case)
    response = mark(here, "associate", case, "safe", what="done")
    assert response.status_code == 422
    assert "open><summary>Step safe" in response.content.decode()
    mark(here, "associate", case, "safe", what="done", answer="no")
    html = playbook(here, "associate", case)
    assert "Step room" in html
    assert "1 of 5" in html
    refused = mark(here, "associate", case, "room", htmx=True, what="done", text=" ")
    assert (refused.status_code, refused["HX-Retarget"]) == (422, "#playbook")
    mark(here, "associate", case, "room", what="done", text="Hotel Aurora <b>now</b>")
    assert "Hotel Aurora &lt;b&gt;now&lt;/b&gt;" in playbook(here, "associate", case)
    assert "Hotel Aurora" in page(here, "associate", case)


def test_words_that_were_removed_are_gone_from_the_panel_too(here: World, case: Case) -> None:
    mark(here, "associate", case, "safe", what="done", answer="no")
    mark(here, "associate", case, "room", what="done", text="Hotel Aurora")
    entry = StepEvent.objects.get(step__key="room").entry_id
    assert f'id="redact-{entry}"' in page(here, "service_lead", case)
    actions.redact_entry(actor=here.actor("service_lead"), ref=case.ref, entry_id=entry)
    html = playbook(here, "associate", case)
    assert "Hotel Aurora" not in html
    assert "These words were removed" in html


def test_a_file_is_checked_kept_and_handed_to_who_sees_the_case(here: World, case: Case) -> None:
    bad = mark(here, "associate", case, "photo", what="done", file=SimpleUploadedFile("a.svg", b"<svg><script/></svg>"))
    assert bad.status_code == 422
    assert "This type of file is not taken" in bad.content.decode()
    assert not StoredFile.objects.exists()
    mark(here, "associate", case, "photo", what="done", file=SimpleUploadedFile("lock.txt", b"The lock is dead.\n"))
    kept = StoredFile.objects.get()
    assert f'href="/files/{kept.pk}/"' in playbook(here, "coordinator", case)
    assert f'href="/files/{kept.pk}/"' in page(here, "coordinator", case), "the entry leads to it, too"
    for who in ("associate", "coordinator", "manager", "auditor", "administrator"):
        assert b"".join(here.client(who).get(f"/files/{kept.pk}/")) == b"The lock is dead.\n", who
    for who in ("lead", "qa", "agent", "foreign_lead", "other_associate", "it"):
        assert here.client(who).get(f"/files/{kept.pk}/").status_code == 404, who
    actions.set_sensitivity(actor=here.actor("service_lead"), ref=case.ref, sensitivity="confidential")
    for who in ("coordinator", "manager", "administrator"):
        assert here.client(who).get(f"/files/{kept.pk}/").status_code == 404, who


def test_removing_what_came_with_a_step_removes_its_file(here: World, case: Case) -> None:
    mark(here, "associate", case, "photo", what="done", file=SimpleUploadedFile("guest.txt", b"A passport number.\n"))
    kept, event = StoredFile.objects.get(), StepEvent.objects.get()
    assert playbook(here, "associate", case).count("guest.txt") == 1
    assert "guest.txt" in page(here, "associate", case)
    assert f'id="redact-{event.entry_id}"' in page(here, "service_lead", case)
    actions.redact_entry(actor=here.actor("service_lead"), ref=case.ref, entry_id=event.entry_id)
    for who in ("coordinator", "service_lead", "administrator"):
        assert here.client(who).get(f"/files/{kept.pk}/").status_code == 404, who
    kept.refresh_from_db()
    assert not actions.may_read_file(here.actor("service_lead"), StoredFile(owner_kind="case_step", owner_id=event.pk))
    assert kept.owner_kind == ""
    assert str(kept.pk) not in page(here, "associate", case)
    for html in (playbook(here, "associate", case), page(here, "associate", case)):
        assert "guest.txt" not in html
        assert "These words were removed" in html


def test_skipping_asks_why(here: World, case: Case) -> None:
    assert mark(here, "associate", case, "lock", what="skipped", text="").status_code == 422
    assert mark(here, "associate", case, "call", what="skipped", text="x").status_code == 422
    mark(here, "associate", case, "lock", what="skipped", text="No lock there")
    html = playbook(here, "associate", case)
    assert "Skipped · Associate" in html
    assert "No lock there" in html


def test_the_second_of_two_is_told_and_nothing_is_written_twice(here: World, case: Case) -> None:
    begun = PlaybookVersion.objects.get()
    address, said = f"/cases/{case.ref}/steps/call/", {"what": "done", "seen": f"0.{begun.pk}"}
    assert here.client("associate").post(address, said).status_code == 302
    late = here.client("coordinator").post(address, said)
    assert late.status_code == 409
    assert "Associate changed this case a moment ago" in late.content.decode()
    assert here.client("coordinator").post(address, said, headers=HTMX)["X-Toast"] == "1"
    assert StepEvent.objects.count() == 1


@pytest.mark.parametrize(
    "said",
    [
        {}, {"what": "done"}, {"what": "eaten", "seen": "0.{}"}, {"what": "done", "seen": "x"},
        {"what": "done", "seen": "9999999999.0"}, {"what": "\x00", "seen": "\x00"}, {"what": "done", "seen": "-1.0"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(here: World, case: Case, said: dict[str, str]) -> None:
    said = {key: value.format(PlaybookVersion.objects.get().pk) for key, value in said.items()}
    assert here.client("associate").post(f"/cases/{case.ref}/steps/call/", said).status_code == 422
    assert here.client("associate").post(f"/cases/{case.ref}/steps/nothing/", said).status_code == 404
    assert not StepEvent.objects.exists()


def test_resolving_through_the_pages_names_the_step_in_the_readers_language(here: World, case: Case) -> None:
    actions.set_state(actor=SYSTEM, ref=case.ref, verb="start")
    button = act(here, "associate", case, "state", {"verb": "resolve"}, htmx=True)
    assert button.status_code == 422
    assert "the playbook asks for this step first: Step safe" in button.content.decode()
    here.users["associate"].language = "zh-hans"
    here.users["associate"].save()
    assert "步骤 safe" in act(here, "associate", case, "state", {"verb": "resolve"}).content.decode()
    other = here.case("Another")
    actions.mark_step(actor=SYSTEM, ref=other.ref, step="safe", what="done", answer="yes")
    picked = {"op": "state", "verb": "resolve", "case": [case.pk, other.pk]}
    done = here.client("coordinator").post("/queue/bulk/", picked).content.decode()
    for part in ("2 cases were not changed", "first: Step safe", "first: Step call"):
        assert part in done, part


def test_a_resolved_case_shows_what_was_done_and_asks_for_nothing(here: World, case: Case) -> None:
    for said in ({"step": "safe", "answer": "yes"}, {"step": "call"}):
        actions.mark_step(actor=SYSTEM, ref=case.ref, what="done", **said)
    actions.set_state(actor=SYSTEM, ref=case.ref, verb="resolve")
    html = playbook(here, "associate", case)
    assert "2 of 4" in html
    assert "<form" not in html


def test_queries_do_not_grow_with_steps_and_the_page_of_a_case_has_none_more(here: World, case: Case) -> None:
    client = here.client("associate")

    def queries(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as found:
            client.get(address)
        return len(found)

    plain, unbegun = queries(f"/cases/{case.ref}/"), queries(f"/cases/{case.ref}/playbook/")
    actions.mark_step(actor=SYSTEM, ref=case.ref, step="safe", what="done", answer="no")
    few = queries(f"/cases/{case.ref}/playbook/")
    for said in ({"step": "room", "text": "x"}, {"step": "lock"}, {"step": "call"}):
        actions.mark_step(actor=SYSTEM, ref=case.ref, what="done", **said)
    assert queries(f"/cases/{case.ref}/playbook/") == few
    assert queries(f"/cases/{case.ref}/") == plain
    published(*(step(f"s{n}") for n in range(20)), severity=3, service=here.service)
    assert queries(f"/cases/{here.case().ref}/playbook/") == unbegun


def test_a_case_without_a_playbook_says_so(here: World) -> None:
    case = here.case(service_id=here.other_service.pk)
    assert "No playbook is for this kind of case." in playbook(here, "coordinator", case)
    assert "hidden" in playbook(here, "coordinator", case, htmx=True).partition(">")[0]
