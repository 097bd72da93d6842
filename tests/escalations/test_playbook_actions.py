"""Working along a playbook: what ticking writes, and that every door refuses to resolve over an open step."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.utils import timezone, translation

from escalations import actions, queries
from escalations.actions import Refused, Stale, bulk, mark_step, merge, set_severity, set_state
from escalations.models import Case, CasePlaybook, PlaybookVersion, Service, StepEvent
from partners.models import Site
from portal.accounts.rules import SYSTEM, Actor
from portal.audit.models import AuditEntry
from portal.files.queries import files_of
from tests.factories.escalations import CaseFactory, IssueTypeFactory, ServiceFactory, actor, associate, coordinator
from tests.factories.playbooks import ANSWERS, PlaybookFactory, draft, publish, published, step

pytestmark = pytest.mark.django_db

STEPS = (
    step("safe", answers=ANSWERS),
    step("room", only_if_step="safe", only_if_answer="no", evidence="text"),
    step("lock", required=False),
)


@pytest.fixture
def case(service: Service, site: Site) -> Case:
    published(*STEPS, name="Stranded guest", name_zh="客人无处可住")
    return CaseFactory(service=service, site=site)


@pytest.fixture
def worker(service: Service) -> Actor:
    return associate(service)


def code_of(act: Any, **values: Any) -> str:
    try:
        act(**values)
    except Refused as no:
        return no.code
    return ""


def told(case: Case) -> list[str]:
    """What the activity says of the playbook."""
    rows = case.entries.filter(kind="step").select_related("body").order_by("id")
    return [line.sentence + (f" | {line.text}" if line.text else "") for line in queries.entry_lines(rows)]


def test_triage_takes_up_the_playbook_and_ticks_are_told_to_colleagues_alone(case: Case, worker: Actor) -> None:
    set_state(actor=SYSTEM, ref=case.ref, verb="triage")
    mark_step(actor=worker, ref=case.ref, step="safe", what="done", answer="no")
    mark_step(actor=worker, ref=case.ref, step="room", what="done", text="Hotel Aurora, until Sunday")
    mark_step(actor=worker, ref=case.ref, step="lock", what="skipped", text="No lock there")
    mark_step(actor=worker, ref=case.ref, step="safe", what="undone")
    assert told(case) == [
        "Playbook: Stranded guest, version 1",
        "Step done: Step safe – No",
        "Step done: Step room | Hotel Aurora, until Sunday",
        "Step skipped: Step lock | No lock there",
        "Step open again: Step safe",
    ]
    with translation.override("zh-hans"):
        assert "客人无处可住" in told(case)[0]
        assert "步骤 safe" in told(case)[1]
        assert "否" in told(case)[1]
    assert set(case.entries.filter(kind="step").values_list("is_internal", flat=True)) == {True}
    trail = AuditEntry.objects.filter(subject_type="case", subject_id=case.pk, verb__startswith="case.step")
    assert list(trail.order_by("pk").values_list("verb", flat=True)) == [
        "case.step_done", "case.step_done", "case.step_skipped", "case.step_undone",
    ]  # fmt: skip
    assert "Aurora" not in str(list(AuditEntry.objects.values_list("changes", flat=True)))


def test_a_tick_on_a_new_case_takes_up_the_playbook(case: Case, worker: Actor) -> None:
    assert not CasePlaybook.objects.exists()
    mark_step(actor=worker, ref=case.ref, step="lock", what="done", seen=(0, PlaybookVersion.objects.get().pk))
    assert told(case) == ["Playbook: Stranded guest, version 1", "Step done: Step lock"]


def test_resolving_is_refused_by_the_action_with_the_first_open_step(case: Case, worker: Actor) -> None:
    for state in ("new", "triaged"):
        with pytest.raises(Refused) as no:
            set_state(actor=worker, ref=case.ref, verb="resolve")
        assert no.value.code == "step_open"
        assert str(no.value) == "Not resolved: the playbook asks for this step first: Step safe"
        with translation.override("zh-hans"), pytest.raises(Refused, match="步骤 safe"):
            set_state(actor=worker, ref=case.ref, verb="resolve")
        if state == "new":
            set_state(actor=SYSTEM, ref=case.ref, verb="triage")
    mark_step(actor=worker, ref=case.ref, step="safe", what="done", answer="no")
    with pytest.raises(Refused, match="Step room"):
        set_state(actor=worker, ref=case.ref, verb="resolve")
    case.refresh_from_db()
    assert case.state == "triaged"
    assert not case.entries.filter(params__to="resolved").exists()
    mark_step(actor=worker, ref=case.ref, step="room", what="done", text="Found")
    assert set_state(actor=worker, ref=case.ref, verb="resolve").case.state == "resolved"


def test_in_bulk_each_case_names_its_own_step(case: Case, worker: Actor, service: Service, site: Site) -> None:
    free = CaseFactory(service=service, site=site)
    for one in (case, free):
        mark_step(actor=worker, ref=one.ref, step="safe", what="done", answer="no")
    mark_step(actor=worker, ref=free.ref, step="room", what="done", text="x")
    other = CaseFactory(service=service, site=site)
    results = bulk(actor=worker, refs=[case.ref, free.ref, other.ref], operation="state", verb="resolve")
    assert [(one.ok, one.message.rpartition(": ")[2]) for one in results] == [
        (False, "Step room"), (True, ""), (False, "Step safe"),
    ]  # fmt: skip


def test_the_system_too_is_refused_and_others_by_their_role_first(case: Case, site: Site) -> None:
    assert code_of(set_state, actor=SYSTEM, ref=case.ref, verb="resolve") == "step_open"
    assert code_of(set_state, actor=actor("partner_lead", site=site), ref=case.ref, verb="resolve") == "not_your_role"
    # Rejecting is no resolving.
    assert set_state(actor=SYSTEM, ref=case.ref, verb="reject", reject_reason="spam").case.state == "rejected"


def test_merging_away_is_no_resolving_and_the_survivor_keeps_its_steps(
    case: Case, worker: Actor, service: Service, site: Site
) -> None:
    target = CaseFactory(service=service, site=site)
    merge(actor=worker, source=case.ref, target=target.ref, reason="One matter")
    assert code_of(set_state, actor=worker, ref=target.ref, verb="resolve") == "step_open"
    assert code_of(mark_step, actor=worker, ref=case.ref, step="lock", what="done") == "not_possible"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"step": "safe", "what": "done"}, "answer_needed"),
        ({"step": "safe", "what": "skipped", "text": "x"}, "step_required"),
        ({"step": "safe", "what": "undone"}, "step_is_open"),
        ({"step": "safe", "what": "eaten"}, "unknown_value"),
        ({"step": "room", "what": "done", "text": "x"}, "step_not_asked"),
        ({"step": "none", "what": "done"}, "step_not_asked"),
        ({"step": "lock", "what": "skipped", "text": " \x00 "}, "reason_needed"),
        ({"step": "lock", "what": "done", "text": "x" * 20_001}, "text_too_long"),
    ],
)
def test_what_cannot_be_said_writes_nothing(case: Case, worker: Actor, said: dict[str, str], code: str) -> None:
    assert code_of(mark_step, actor=worker, ref=case.ref, **said) == code
    assert not CasePlaybook.objects.exists()
    assert not StepEvent.objects.exists()
    assert not case.entries.filter(kind="step").exists()


def test_who_may_tick(case: Case, service: Service, site: Site) -> None:
    for who in (
        actor("partner_lead", site=site),
        actor("partner_qa", site=site),
        actor("auditor"),
        actor("administrator"),
    ):
        assert code_of(mark_step, actor=who, ref=case.ref, step="lock", what="done") == "not_your_role"
    with pytest.raises(Http404):
        mark_step(actor=associate(ServiceFactory()), ref=case.ref, step="lock", what="done")
    mark_step(actor=coordinator(site), ref=case.ref, step="lock", what="done")


def test_the_second_of_two_is_told_who_was_faster(case: Case, worker: Actor, site: Site) -> None:
    mark_step(actor=worker, ref=case.ref, step="lock", what="done", seen=(0, PlaybookVersion.objects.get().pk))
    with pytest.raises(Stale) as late:
        mark_step(
            actor=coordinator(site), ref=case.ref, step="lock", what="done", seen=(0, PlaybookVersion.objects.get().pk)
        )
    assert (late.value.changed_by_name.startswith("Person"), late.value.what) == (True, "step.done")
    assert code_of(mark_step, actor=worker, ref=case.ref, step="lock", what="done", seen=(1, 1)) == "step_is_settled"
    mark_step(actor=worker, ref=case.ref, step="safe", what="done", answer="yes", seen=(1, 0))
    assert StepEvent.objects.count() == 2


def test_a_tick_is_taken_back_and_a_form_of_the_case_stays_fresh(case: Case, worker: Actor) -> None:
    version = case.version
    outcome = mark_step(actor=worker, ref=case.ref, step="lock", what="done")
    assert outcome.undo
    arguments = {key: value for key, value in outcome.undo.items() if key != "operation"}
    assert mark_step(actor=worker, **arguments).undo is None
    with pytest.raises(Stale):
        mark_step(actor=worker, **arguments)
    case.refresh_from_db()
    assert case.version == version


def test_a_file_hangs_on_what_it_shows(service: Service, site: Site, worker: Actor) -> None:
    published(step("photo", evidence="file"))
    case = CaseFactory(service=service, site=site)
    assert code_of(mark_step, actor=worker, ref=case.ref, step="photo", what="done") == "file_needed"
    upload = SimpleUploadedFile("lock.txt", b"The lock is dead.\n")
    mark_step(actor=worker, ref=case.ref, step="photo", what="done", upload=upload)
    event = StepEvent.objects.get()
    [kept] = files_of("case_step", [event.pk])[str(event.pk)]
    assert (kept.name, kept.created_by_id) == ("lock.txt", worker.user_id)


def test_reopening_begins_again_in_the_newest_version(case: Case, worker: Actor) -> None:
    first = mark_step(actor=worker, ref=case.ref, step="safe", what="done", answer="yes")
    assert first.case
    set_state(actor=worker, ref=case.ref, verb="resolve")
    book = CasePlaybook.objects.get().version.playbook
    publish(draft(book, step("safe", answers=ANSWERS), step("call")))
    assert code_of(mark_step, actor=worker, ref=case.ref, step="lock", what="done") == "not_possible"
    set_state(actor=worker, ref=case.ref, verb="reopen")
    runs = CasePlaybook.objects.order_by("number")
    assert [(run.number, run.version.number, run.cycle) for run in runs] == [(1, 1, 1), (2, 2, 2)]
    with pytest.raises(Refused, match="Step safe"):
        set_state(actor=worker, ref=case.ref, verb="resolve")
    mark_step(actor=worker, ref=case.ref, step="safe", what="done", answer="yes")
    with pytest.raises(Refused, match="Step call"):
        set_state(actor=worker, ref=case.ref, verb="resolve")


def test_a_new_version_is_for_cases_that_begin_after_it(case: Case, worker: Actor) -> None:
    set_state(actor=SYSTEM, ref=case.ref, verb="triage")
    book = CasePlaybook.objects.get().version.playbook
    publish(draft(book, step("other")))
    assert code_of(mark_step, actor=worker, ref=case.ref, step="other", what="done") == "step_not_asked"
    mark_step(actor=worker, ref=case.ref, step="lock", what="done")
    assert CasePlaybook.objects.count() == 1


def test_another_issue_type_service_or_severity_may_mean_another_playbook(
    case: Case, worker: Actor, service: Service
) -> None:
    top = IssueTypeFactory()
    below = IssueTypeFactory(level=2, parent=top)
    other = ServiceFactory()
    published(step("typed"), issue_type=top, name="For the type")
    published(step("grave"), issue_type=top, severity=1, name="For the gravest")
    published(step("theirs"), issue_type=top, severity=1, service=other, name="For the others")
    set_state(actor=SYSTEM, ref=case.ref, verb="start")

    def detail(issue: int | None) -> None:
        actions.change_details(actor=SYSTEM, ref=case.ref, subject="Guest locked out", issue_type_id=issue)

    def follows() -> str:
        return str(CasePlaybook.objects.latest("number").version.playbook)

    detail(below.pk)
    assert follows() == "For the type"
    set_severity(actor=SYSTEM, ref=case.ref, signals=["stranded"])
    assert follows() == "For the gravest"
    actions.change_service(actor=SYSTEM, ref=case.ref, service_id=other.pk)
    assert follows() == "For the others"
    with pytest.raises(Refused, match="Step theirs"):
        set_state(actor=SYSTEM, ref=case.ref, verb="resolve")
    detail(None)
    assert follows() == "Stranded guest"


def test_where_no_playbook_fits_any_more_nothing_blocks(service: Service, site: Site) -> None:
    issue = IssueTypeFactory()
    published(step("typed"), issue_type=issue)
    case = CaseFactory(service=service, site=site, issue_type_id=issue.pk)
    set_state(actor=SYSTEM, ref=case.ref, verb="start")
    assert code_of(set_state, actor=SYSTEM, ref=case.ref, verb="resolve") == "step_open"
    actions.change_details(actor=SYSTEM, ref=case.ref, subject=case.subject, issue_type_id=None)
    assert told(case)[-1] == "No playbook any more"
    assert set_state(actor=SYSTEM, ref=case.ref, verb="resolve").case.state == "resolved"
    set_state(actor=SYSTEM, ref=case.ref, verb="reopen")
    assert CasePlaybook.objects.count() == 2


def test_drafts_and_archived_playbooks_are_not_taken_up(service: Service, site: Site) -> None:
    draft(PlaybookFactory(), step("draft"))
    published(step("old"), severity=3, archived_at=timezone.now())
    case = CaseFactory(service=service, site=site)
    set_state(actor=SYSTEM, ref=case.ref, verb="triage")
    assert not CasePlaybook.objects.exists()
    assert set_state(actor=SYSTEM, ref=case.ref, verb="resolve").case.state == "resolved"
