"""The playbook that a case follows: its steps, what was said of each, and what is still open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from django.db.models import Case as Cases
from django.db.models import Max, OuterRef, Q, QuerySet, Subquery, When

from escalations.choices import Entry, Evidence, State
from escalations.models import (
    Case,
    CasePlaybook,
    IssueType,
    Playbook,
    PlaybookStep,
    PlaybookVersion,
    StepEvent,
    TimelineEntry,
)
from escalations.rules import playbooks as rules
from portal.files.queries import files_of

if TYPE_CHECKING:
    from portal.files.models import StoredFile

#: What files of steps hang on, by the id of the event.
STEP_FILES: Final = "case_step"


@dataclass(frozen=True)
class Followed:
    """A version as a case follows it. `run` is None where a new case would follow it once somebody begins.

    `events`: the newest one of each step that anything was said of, by the step's key.
    """

    version: PlaybookVersion
    steps: Sequence[PlaybookStep]
    run: CasePlaybook | None = None
    events: Mapping[str, StepEvent] = field(default_factory=dict)

    @cached_property
    def plain(self) -> tuple[rules.Step, ...]:
        """The steps as the rules see them."""
        return plain_steps(self.steps)

    @cached_property
    def marks(self) -> dict[str, rules.Mark]:
        """What stands, as the rules see it."""
        return {key: rules.Mark(event.what, event.answer) for key, event in self.events.items()}

    def rows(self, found: Sequence[rules.Step]) -> list[PlaybookStep]:
        """The rows of some steps, in their order."""
        keys = {one.key for one in found}
        return [row for row in self.steps if row.key in keys]

    def seen(self, key: str) -> tuple[int, int]:
        """What a form is based on: which run this is, and how much was said of the step. Before anybody began there is no
        run: 0, and the version, since another one may be for the case by the time that somebody begins."""
        return (self.run.number, self.said(key)) if self.run else (0, self.version.pk)

    def is_same(self, seen: tuple[int, int]) -> bool:
        """Whether a form based on this was for the steps that the case follows now, whatever was said of them since."""
        number, version = seen
        return self.run is not None and self.run.number == number if number else self.version.pk == version

    def open_keys(self) -> set[str]:
        """The keys of the steps that are asked for and open."""
        return {one.key for one in rules.open_steps(self.plain, self.marks)}

    def said(self, key: str) -> int:
        """How much was said of the step."""
        event = self.events.get(key)
        return event.number if event else 0


def plain_steps(rows: Sequence[PlaybookStep]) -> tuple[rules.Step, ...]:
    """Steps as the rules see them."""
    return tuple(
        rules.Step(
            key=row.key,
            required=row.required,
            evidence=row.evidence,
            answers=tuple(one["key"] for one in row.answers),
            only_if=(row.only_if_step, row.only_if_answer) if row.only_if_step else None,
        )
        for row in rows
    )


def followed(case: Case) -> Followed | None:
    """What the case follows; a new one that nobody triaged yet: what it would follow. Three queries at most, four
    where it followed another one before, none more for many steps; one for a case without a playbook, two for a new one."""
    run = run_of(case)
    if run is None:
        version = version_for(case) if case.state == State.NEW else None
        return Followed(version, list(version.steps.all())) if version else None
    if run.version is None:
        return None
    run = _first_of(run)
    newest: dict[str, StepEvent] = {}
    events = StepEvent.objects.filter(followed=run).select_related("step", "entry__body", "entry__actor")
    for event in events.order_by("number"):
        newest[event.step.key] = event
    return Followed(run.version, list(run.version.steps.all()), run, newest) if run.version else None


def run_of(case: Case) -> CasePlaybook | None:
    """What the case follows since when; None if it never followed anything."""
    return CasePlaybook.objects.filter(case=case).select_related("version__playbook").order_by("-number").first()


def _first_of(run: CasePlaybook) -> CasePlaybook:
    """Where what is said of the steps stands: a playbook that a case comes back to in the same cycle goes on."""
    if run.number == 1:
        return run
    same = CasePlaybook.objects.filter(case=run.case_id, cycle=run.cycle, version=run.version)
    return same.select_related("version__playbook").order_by("number").first() or run


def begun_before(case: Case, version: PlaybookVersion) -> PlaybookVersion:
    """The version of its playbook that the case followed earlier in this cycle; without one, this version."""
    runs = CasePlaybook.objects.filter(case=case, cycle=case.cycle, version__playbook=version.playbook_id)
    found = runs.select_related("version__playbook").order_by("-number").first()
    return found.version if found and found.version else version


def blocking_steps(case: Case) -> list[PlaybookStep]:
    """Steps without which the case is not resolved, the first one first."""
    found = followed(case)
    return found.rows(rules.blocking_steps(found.plain, found.marks)) if found else []


def next_steps(case_ids: Collection[int]) -> dict[int, str]:
    """The title of the first open step of each case that follows a playbook, in the reader's language. Three queries."""
    runs = list(CasePlaybook.objects.filter(case__in=case_ids).order_by("case", "number"))
    newest = {run.case_id: run for run in runs}
    firsts: dict[tuple[int, int, int | None], CasePlaybook] = {}
    for run in runs:
        firsts.setdefault((run.case_id, run.cycle, run.version_id), run)
    going = {pk: firsts[pk, run.cycle, run.version_id] for pk, run in newest.items() if run.version_id}
    steps, marks = _steps_of(going.values()), _marks_of(going.values())
    opened = {pk: rules.open_steps(plain_steps(steps[run.version_id]), marks[run.pk]) for pk, run in going.items()}
    titles = {(number, row.key): row.label for number, rows in steps.items() for row in rows}
    return {pk: titles[going[pk].version_id, found[0].key] for pk, found in opened.items() if found}


def _steps_of(runs: Iterable[CasePlaybook]) -> Mapping[int | None, list[PlaybookStep]]:
    found: dict[int | None, list[PlaybookStep]] = defaultdict(list)
    for step in PlaybookStep.objects.filter(version__in={run.version_id for run in runs}).order_by("position", "pk"):
        found[step.version_id].append(step)
    return found


def _marks_of(runs: Iterable[CasePlaybook]) -> Mapping[int, dict[str, rules.Mark]]:
    found: dict[int, dict[str, rules.Mark]] = defaultdict(dict)
    events = StepEvent.objects.filter(followed__in=[run.pk for run in runs]).select_related("step").order_by("number")
    for event in events:
        found[event.followed_id][event.step.key] = rules.Mark(event.what, event.answer)
    return found


def matter_of(book: Playbook) -> list[int | None]:
    """What a playbook is for, as the entry keeps it that says that a case follows it."""
    return [book.service_id, book.issue_type_id, book.severity]


def version_for(case: Case, run: CasePlaybook | None = None) -> PlaybookVersion | None:
    """The newest published version of the playbook that fits the case best; that of `run` goes on, whatever became of its
    playbook, while it fits by what it was for when it began. Two queries, three with a run (issue type and parents selected)."""
    path = _path(case.issue_type)
    fitting = Playbook.objects.filter(
        Q(service=None) | Q(service=case.service_id),
        Q(issue_type=None) | Q(issue_type__in=path),
        Q(severity=None) | Q(severity=case.severity),
        archived_at=None,
    )
    newest = Max("versions__number", filter=Q(versions__published_at__isnull=False))
    published = fitting.annotate(newest=newest).exclude(newest=None).order_by()
    found = list(published.values_list("pk", "service_id", "issue_type_id", "severity", "newest"))
    offered = [rules.Match(pk, *matter) for pk, *matter, _newest in found]
    kept = _match_of(case, run.version.playbook) if run and run.version else None
    chosen = rules.choose(offered, rules.Matter(case.service_id, path, case.severity), kept)
    if run and kept and chosen == kept.playbook_id:
        return run.version
    number = next((last for pk, *_matter, last in found if pk == chosen), None)
    if number is None:
        return None
    return PlaybookVersion.objects.select_related("playbook").get(playbook=chosen, number=number)


def with_file_steps(entries: QuerySet[TimelineEntry]) -> QuerySet[TimelineEntry]:
    """Entries that know the step that they say was settled with a file, within their own query: `file_step`."""
    events = StepEvent.objects.filter(entry=OuterRef("pk"), step__evidence=Evidence.FILE)
    return entries.annotate(file_step=Cases(When(kind=Entry.STEP, then=Subquery(events.values("pk")[:1]))))


def step_files(entries: Iterable[TimelineEntry]) -> dict[int, Sequence[StoredFile]]:
    """The files that hang on these entries because they settled a step, by entry. One query where some ask for files."""
    events = {pk: one.pk for one in entries if (pk := getattr(one, "file_step", None)) is not None}
    found = files_of(STEP_FILES, events) if events else {}
    return {events[int(pk)]: files for pk, files in found.items()}


def _match_of(case: Case, book: Playbook) -> rules.Match:
    begun = TimelineEntry.objects.filter(case=case, code="playbook.begun").order_by("-id").first()
    return rules.Match(book.pk, *(begun.params.get("for") if begun else None) or matter_of(book))


def _path(issue: IssueType | None) -> tuple[int, ...]:
    found: list[int] = []
    while issue is not None:
        found.append(issue.pk)
        issue = issue.parent
    return tuple(found)
