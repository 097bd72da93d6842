"""What keeps a case at the playbook that it follows, and what nobody gets around."""

from typing import Any

import pytest

from escalations import actions, queries
from escalations.actions import Refused, mark_step, playbook_config, set_state
from escalations.forms.playbooks import StepEditForm
from escalations.models import Case, CasePlaybook, Service
from partners.models import Site
from portal.accounts.rules import SYSTEM
from portal.refusals import ConflictError
from tests.escalations.pages_world import world
from tests.factories.escalations import CaseFactory, IssueTypeFactory
from tests.factories.playbooks import PlaybookFactory, draft, publish, published, step

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(service: Service, site: Site) -> Case:
    return CaseFactory(service=service, site=site)


def judge(case: Case, severity: int) -> None:
    actions.set_severity(actor=SYSTEM, ref=case.ref, override=severity, reason="Looked at again")


def typed(case: Case, issue: int | None) -> None:
    actions.change_details(actor=SYSTEM, ref=case.ref, subject=case.subject, issue_type_id=issue)


def follows(case: Case) -> str:
    version = CasePlaybook.objects.filter(case=case).latest("number").version
    return version.playbook.name if version else ""


@pytest.mark.parametrize("became", ["archived", "another matter"])
def test_what_becomes_of_a_playbook_leaves_the_cases_that_follow_it(case: Case, became: str) -> None:
    book = published(step("call"), name="Call").playbook
    set_state(actor=SYSTEM, ref=case.ref, verb="start")
    changed: dict[str, Any] = {"actor": SYSTEM, "playbook_id": book.pk}
    if became == "archived":
        playbook_config.archive_playbook(**changed, archived=True)
        published(step("later"), name="Its successor")
    else:
        playbook_config.change_playbook(**changed, seen=book.version, name="Call", issue_type_id=IssueTypeFactory().pk)
    judge(case, 2)
    assert follows(case) == "Call"
    with pytest.raises(Refused, match="Step call"):
        set_state(actor=SYSTEM, ref=case.ref, verb="resolve")
    published(step("grave"), name="Graver", severity=1)
    judge(case, 1)
    assert follows(case) == "Graver"


def test_an_archived_playbook_goes_with_what_it_was_for(case: Case) -> None:
    book = published(step("call"), severity=3).playbook
    set_state(actor=SYSTEM, ref=case.ref, verb="start")
    playbook_config.archive_playbook(actor=SYSTEM, playbook_id=book.pk, archived=True)
    judge(case, 2)
    assert follows(case) == ""


def test_no_other_playbook_comes_to_a_resolved_case(case: Case) -> None:
    issue = IssueTypeFactory()
    published(step("call"), severity=3)
    published(step("typed"), issue_type=issue)
    set_state(actor=SYSTEM, ref=case.ref, verb="start")
    judge(case, 4)
    set_state(actor=SYSTEM, ref=case.ref, verb="resolve")
    judge(case, 2)
    with pytest.raises(Refused) as no:
        judge(case, 3)
    assert no.value.code == "reopen_first"
    with pytest.raises(Refused, match="Reopen the case first"):
        typed(case, issue.pk)
    case.refresh_from_db()
    assert (case.severity, case.issue_type_id) == (2, None)
    set_state(actor=SYSTEM, ref=case.ref, verb="reopen")
    judge(case, 3)
    with pytest.raises(Refused, match="Step call"):
        set_state(actor=SYSTEM, ref=case.ref, verb="resolve")


def test_nor_to_one_that_was_resolved_before_anybody_triaged_it(case: Case) -> None:
    published(step("call"), severity=3)
    judge(case, 4)
    set_state(actor=SYSTEM, ref=case.ref, verb="resolve")
    with pytest.raises(Refused, match="Reopen the case first"):
        judge(case, 3)


def test_what_was_resolved_before_there_was_a_playbook_is_still_corrected(case: Case) -> None:
    set_state(actor=SYSTEM, ref=case.ref, verb="resolve")
    published(step("call"))
    judge(case, 2)
    typed(case, IssueTypeFactory().pk)
    assert not CasePlaybook.objects.exists()


def test_answers_in_chinese_keep_their_branches_in_any_order() -> None:
    def keys(*lines: str) -> dict[str, str]:
        form = StepEditForm({"title": "x", "answers": "\n".join(lines)}, before=())
        assert form.is_valid(), form.errors
        return {one["text"]: one["key"] for one in form.values()["answers"]}

    for lines in (("是", "否"), ("是 A", "否 A"), ("Yes", "No 否")):
        found = keys(*lines)
        assert len(set(found.values())) == 2
        assert keys(*reversed(lines)) == found
    assert keys("Yes | 是", "Café | 咖啡") == {"Yes": "yes", "Café": "cafe"}
    form = StepEditForm({"title": "x", "answers": "是\n是"}, before=())
    assert form.errors["answers"] == ["Two answers are the same."]


def test_of_two_who_edit_a_draft_the_second_is_told_and_keeps_what_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    here = world()
    book = PlaybookFactory(service=here.service)
    made = draft(book, step("safe"))
    client, address = here.client("service_lead"), f"/playbooks/{book.pk}/"

    def faster(**_said: Any) -> None:
        raise ConflictError(book)

    with monkeypatch.context() as patch:
        patch.setattr(playbook_config, "publish_draft", faster)
        told = client.post(f"{address}publish/", {"version": made.version}, follow=True)
    assert "Somebody else changed this a moment ago" in told.content.decode()
    publish(made)
    typed = {"title": "Call the host", "required": "on", "version": made.version}
    for part in ("steps/new/", "steps/safe/"):
        late = client.post(address + part, typed)
        assert late.status_code == 409
        assert "Call the host" in late.content.decode()
    assert client.get(f"{address}steps/new/").status_code == 404
    assert [one.key for one in made.steps.all()] == ["safe"]


def test_who_takes_a_severity_back_finds_the_steps_as_they_were(case: Case) -> None:
    usual = published(step("call"), step("lock"), severity=3)
    published(step("grave"), severity=1)
    set_state(actor=SYSTEM, ref=case.ref, verb="start")
    for what in ("done", "undone", "done"):
        mark_step(actor=SYSTEM, ref=case.ref, step="call", what=what)
    judge(case, 1)
    mark_step(actor=SYSTEM, ref=case.ref, step="grave", what="done")
    publish(draft(usual.playbook, step("other")))
    judge(case, 3)
    with pytest.raises(Refused, match="Step lock"):
        set_state(actor=SYSTEM, ref=case.ref, verb="resolve")
    found = queries.playbooks.followed(case)
    assert found
    assert (found.version, found.seen("call")) == (usual, (1, 3))
    mark_step(actor=SYSTEM, ref=case.ref, step="call", what="undone", seen=(1, 3))
    for key in ("call", "lock"):
        mark_step(actor=SYSTEM, ref=case.ref, step=key, what="done")
    set_state(actor=SYSTEM, ref=case.ref, verb="resolve")
    # A case that is reopened begins again.
    set_state(actor=SYSTEM, ref=case.ref, verb="reopen")
    with pytest.raises(Refused, match="Step other"):
        set_state(actor=SYSTEM, ref=case.ref, verb="resolve")
