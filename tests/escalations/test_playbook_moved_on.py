"""A step that is ticked on a form from before: another playbook, a newer version or none is for the case by now."""

import re
from typing import Any

import pytest

from escalations import actions
from escalations.actions import Stale, mark_step
from escalations.models import Case, CasePlaybook, Playbook, PlaybookVersion, StepEvent, TimelineEntry
from portal.accounts.rules import SYSTEM
from tests.escalations.pages_world import HTMX, World, world
from tests.factories.playbooks import draft, publish, published, step

pytestmark = pytest.mark.django_db

TOLD = "Not saved. The playbook of this case changed a moment ago."


@pytest.fixture
def here() -> World:
    return world()


@pytest.fixture
def first(here: World) -> PlaybookVersion:
    # Titles in Chinese make no key, so that two playbooks have the same keys.
    return published(step("step", title="联系房东"), step("step-2", evidence="text"), service=here.service)


@pytest.fixture
def case(here: World, first: PlaybookVersion) -> Case:
    return here.case()


def seen_on_page(here: World, case: Case, key: str) -> str:
    html = here.client("associate").get(f"/cases/{case.ref}/playbook/").content.decode()
    found = re.search(r'name="seen" value="([0-9.]+)"', html[html.index(f'<li id="step-{key}"') :])
    assert found
    return found[1]


def other_severity(here: World, case: Case, version: PlaybookVersion) -> None:
    """A colleague finds it grave; another playbook is for that."""
    published(step("step", title="通知主管"), severity=1, service=here.service)
    actions.set_severity(actor=here.actor("coordinator"), ref=case.ref, override=1, reason="Nowhere to sleep")


def next_version(here: World, case: Case, version: PlaybookVersion) -> None:
    """A lead publishes the next version, whose first step is another one."""
    publish(draft(version.playbook, step("step", title="先报警")))


def steps_renamed(here: World, case: Case, version: PlaybookVersion) -> None:
    """The next version has other keys."""
    publish(draft(version.playbook, step("call")))


def none_left(here: World, case: Case, version: PlaybookVersion) -> None:
    """The playbook is archived, and no other one fits."""
    Playbook.objects.update(archived_at=version.published_at)


MEANWHILE = [other_severity, next_version, steps_renamed, none_left]


@pytest.mark.parametrize("happens", MEANWHILE)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_tick_lands_on_no_step_that_was_not_seen(
    here: World, case: Case, first: PlaybookVersion, happens: Any, headers: dict[str, str]
) -> None:
    seen = seen_on_page(here, case, "step")
    happens(here, case, first)
    before = TimelineEntry.objects.count()
    response = here.client("associate").post(
        f"/cases/{case.ref}/steps/step/", {"what": "done", "seen": seen}, headers=headers
    )
    assert response.status_code == 409
    assert TOLD in response.content.decode()
    assert ("X-Toast" in response) is bool(headers)
    assert not StepEvent.objects.exists()
    assert not CasePlaybook.objects.exists()
    assert TimelineEntry.objects.count() == before


def test_the_step_that_nobody_did_still_blocks(here: World, case: Case, first: PlaybookVersion) -> None:
    seen = seen_on_page(here, case, "step")
    other_severity(here, case, first)
    here.client("associate").post(f"/cases/{case.ref}/steps/step/", {"what": "done", "seen": seen})
    with pytest.raises(actions.Refused) as no:
        actions.set_state(actor=here.actor("associate"), ref=case.ref, verb="resolve")
    assert no.value.code == "step_open"


@pytest.mark.parametrize("happens", MEANWHILE)
def test_the_action_itself_says_so(here: World, case: Case, first: PlaybookVersion, happens: Any) -> None:
    happens(here, case, first)
    with pytest.raises(Stale):
        mark_step(actor=SYSTEM, ref=case.ref, step="step", what="done", seen=(0, first.pk))
    assert not CasePlaybook.objects.exists()


def test_what_was_seen_is_ticked_once_and_then_moved_on(here: World, case: Case, first: PlaybookVersion) -> None:
    seen, other = seen_on_page(here, case, "step"), seen_on_page(here, case, "step-2")
    address = f"/cases/{case.ref}/steps/"
    client = here.client("associate")
    assert client.post(f"{address}step/", {"what": "done", "seen": seen}).status_code == 302
    assert CasePlaybook.objects.get().version == first
    late = client.post(f"{address}step-2/", {"what": "done", "seen": other, "text": "Moved"}, headers=HTMX)
    assert late.status_code == 409
    assert TOLD in late.content.decode()
    now = seen_on_page(here, case, "step-2")
    assert client.post(f"{address}step-2/", {"what": "done", "seen": now, "text": "Moved"}).status_code == 302


def test_a_new_case_that_was_merged_meanwhile_says_who_did_it(here: World, case: Case) -> None:
    seen = seen_on_page(here, case, "step")
    actions.merge(actor=here.actor("coordinator"), source=case.ref, target=here.case("Goes on").ref, reason="Same")
    said = {"what": "done", "seen": seen}
    late = here.client("associate").post(f"/cases/{case.ref}/steps/step/", said, headers=HTMX)
    assert late.status_code == 409
    assert "Coordinator changed this case a moment ago" in late.content.decode()


def test_a_step_that_never_was_is_not_there(here: World, case: Case) -> None:
    seen = seen_on_page(here, case, "step")
    client = here.client("associate")
    for said in ({}, {"what": "done", "seen": seen}, {"what": "done", "seen": "x"}):
        assert client.post(f"/cases/{case.ref}/steps/nothing/", said).status_code == 404


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_what_was_written_of_a_step_stays_when_the_case_was_resolved(
    here: World, case: Case, headers: dict[str, str]
) -> None:
    actions.mark_step(actor=SYSTEM, ref=case.ref, step="step", what="done")
    seen = seen_on_page(here, case, "step-2")
    Case.objects.filter(pk=case.pk).update(state="resolved", resolved_at=case.opened_at)
    said = {"what": "done", "seen": seen, "text": "They sleep at Hotel Aurora"}
    response = here.client("associate").post(f"/cases/{case.ref}/steps/step-2/", said, headers=headers)
    html = response.content.decode()
    assert response.status_code == 422
    assert "This is not possible in the case&#x27;s present state." in html
    assert "They sleep at Hotel Aurora" in html
    assert StepEvent.objects.count() == 1
    for who in ("auditor", "administrator"):
        assert here.client(who).post(f"/cases/{case.ref}/steps/step-2/", said, headers=headers).status_code == 403


WORDS = "They sleep at Hotel Aurora"


def late(here: World, case: Case, key: str, seen: str, headers: dict[str, str] | None = None, **more: str) -> Any:
    said = {"what": "done", "seen": seen, "text": WORDS, **more}
    return here.client("associate").post(f"/cases/{case.ref}/steps/{key}/", said, headers=headers or {})


@pytest.mark.parametrize("happens", MEANWHILE)
def test_words_for_a_step_that_is_another_one_by_now_come_back_above_the_playbook(
    here: World, case: Case, first: PlaybookVersion, happens: Any
) -> None:
    seen = seen_on_page(here, case, "step-2")
    happens(here, case, first)
    response = late(here, case, "step-2", seen)
    html = response.content.decode()
    assert response.status_code == 409
    assert TOLD in html
    assert f'readonly aria-describedby="late-hint">{WORDS}</textarea>' in html
    assert html.count(WORDS) == 1
    assert not StepEvent.objects.exists()
    assert WORDS not in late(here, case, "step-2", seen, HTMX).content.decode(), "with script they stand in their form"


@pytest.mark.parametrize("what", ["done", "skipped"])
def test_words_for_a_step_that_a_colleague_opened_again_stand_in_its_form(here: World, case: Case, what: str) -> None:
    publish(draft(Playbook.objects.get(), step("step-2", evidence="text", required=False)))
    case = here.case()
    seen = seen_on_page(here, case, "step-2")
    by = here.actor("coordinator")
    for said in ("done", "undone"):
        actions.mark_step(actor=by, ref=case.ref, step="step-2", what=said, text="Mine")
    response = late(here, case, "step-2", seen, what=what)
    html = response.content.decode()
    assert response.status_code == 409
    assert "Coordinator changed this case a moment ago" in html
    assert f"{WORDS}</textarea>" in html
    assert "readonly" not in html
    now = seen_on_page(here, case, "step-2")
    assert f'name="seen" value="{now}"' in html
    assert late(here, case, "step-2", now, what=what).status_code == 302


def test_words_for_a_step_that_a_colleague_settled_stand_above_it(here: World, case: Case) -> None:
    seen = seen_on_page(here, case, "step-2")
    actions.mark_step(actor=here.actor("coordinator"), ref=case.ref, step="step-2", what="done", text="Theirs")
    html = late(here, case, "step-2", seen).content.decode()
    assert f'readonly aria-describedby="late-hint">{WORDS}</textarea>' in html
    assert "Theirs" in html
    assert StepEvent.objects.count() == 1


def test_words_for_a_step_of_a_case_that_was_merged_come_back(here: World, case: Case) -> None:
    seen = seen_on_page(here, case, "step-2")
    actions.merge(actor=here.actor("coordinator"), source=case.ref, target=here.case("Goes on").ref, reason="Same")
    response = late(here, case, "step-2", seen)
    assert response.status_code == 409
    assert f'readonly aria-describedby="late-hint">{WORDS}</textarea>' in response.content.decode()
    assert late(here, case, "step-2", seen, text="  ").status_code == 409
    for who in ("auditor", "administrator"):
        said = {"what": "done", "seen": seen, "text": WORDS}
        assert here.client(who).post(f"/cases/{case.ref}/steps/step-2/", said).status_code == 403
