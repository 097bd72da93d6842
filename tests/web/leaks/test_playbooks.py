"""What is said of the steps of a case's playbook reaches those inside it alone."""

import pytest

from escalations import actions
from escalations.models import StepEvent
from portal.accounts.rules import SYSTEM
from portal.files.models import StoredFile
from tests.escalations.pages_world import HTMX
from tests.factories.playbooks import published, step
from tests.web.hidden import COMMON, NOBODY, Secrets
from tests.web.leaks.seeing import leaks, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(found: Secrets) -> Secrets:
    """Every case has a step with words that only those inside may read."""
    published(step("hidden-step", title="zqplaybookxw step", required=False, evidence="text"), severity=3)
    published(
        step("hidden-step", title="zqplaybookxw step", required=False, evidence="text"),
        severity=3,
        service=found.made.world.service,
    )
    for case in found.cases.values():
        actions.mark_step(actor=SYSTEM, ref=case.pk, step="hidden-step", what="done", text=case.word("internal"))
    assert StepEvent.objects.count() == len(found.cases)
    return found


def test_only_those_inside_read_what_was_said_of_steps(told: Secrets) -> None:
    wrong = []
    for case in told.cases.values():
        for who in told.people:
            for url in (f"/cases/{case.ref}/", f"/cases/{case.ref}/playbook/", f"/cases/{case.ref}/?show=notes"):
                for headers in ({}, HTMX) if "playbook" in url else ({},):
                    page = text_of(told.clients[who], url, headers=headers)
                    wrong += leaks(told, who, page, url, refs=False)
                    if "zqplaybookxw" in page and who not in case.inside:
                        wrong.append(f"{who} {url}: a step")
            page = text_of(told.clients[who], f"/cases/{case.ref}/playbook/")
            assert ("zqplaybookxw" in page) is (who in case.inside), who
    assert wrong == []


def test_nobody_outside_marks_a_step_or_learns_that_there_is_one(told: Secrets) -> None:
    said = {"what": "undone", "seen": "1.1"}
    for case in told.cases.values():
        for who in set(told.people) - case.inside - set(NOBODY):
            client = told.clients[who]
            for key in ("hidden-step", "no-such-step"):
                assert client.post(f"/cases/{case.ref}/steps/{key}/", said).status_code == 404, who
    assert StepEvent.objects.count() == len(told.cases)
    assert not StoredFile.objects.filter(owner_kind="case_step").exists()


def test_lists_searches_and_inboxes_say_nothing_of_steps(told: Secrets) -> None:
    for who in told.people:
        for url in ("/", f"/queue/?q={COMMON}", "/search/?q=zqplaybookxw", "/inbox/?show=all", "/playbooks/"):
            assert "zqplaybookxw step" not in text_of(told.clients[who], url), (who, url)
