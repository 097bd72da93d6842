"""Playbooks: which one a case follows, which of its steps are asked for, and what stands in the way of resolving. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

SETTLED: Final = frozenset({"done", "skipped"})


@dataclass(frozen=True, slots=True)
class Match:
    """What a playbook is for; None is any. An issue type takes in those below it."""

    playbook_id: int
    service_id: int | None = None
    issue_type_id: int | None = None
    severity: int | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    """What a case is about; `issue_path`: its issue type first, then that one's parents."""

    service_id: int
    issue_path: tuple[int, ...]
    severity: int


def choose(offered: Iterable[Match], matter: Matter, kept: Match | None = None) -> int | None:
    """The playbook that fits best: the nearest issue type first, then the service, then the severity. None fits: None.

    `kept`: the one that is followed, as it was when that began; it gives way to a nearer one alone.
    """
    both = (*offered, kept) if kept else tuple(offered)
    fitting = [(_nearness(one, matter), one is kept, one.playbook_id) for one in both if _fits(one, matter)]
    return max(fitting)[2] if fitting else None


def _fits(one: Match, matter: Matter) -> bool:
    return (
        one.service_id in (None, matter.service_id)
        and one.severity in (None, matter.severity)
        and (one.issue_type_id is None or one.issue_type_id in matter.issue_path)
    )


def _nearness(one: Match, matter: Matter) -> tuple[int, bool, bool]:
    near = len(matter.issue_path) - matter.issue_path.index(one.issue_type_id) if one.issue_type_id is not None else 0
    return near, one.service_id is not None, one.severity is not None


@dataclass(frozen=True, slots=True)
class Step:
    """A step as the rules see it. `only_if`: an earlier step and the answer to it that asks for this one."""

    key: str
    required: bool = True
    evidence: str = "none"
    answers: tuple[str, ...] = ()
    only_if: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """What was last said of a step: done, undone or skipped, and the answer to its question."""

    what: str
    answer: str = ""


Marks = Mapping[str, Mark]
_UNMARKED: Final = Mark("undone")


def asked_steps(steps: Sequence[Step], marks: Marks) -> tuple[Step, ...]:
    """Those that the answers so far ask for, in their order."""
    found: dict[str, Step] = {}
    for step in steps:
        if step.only_if is None or (step.only_if[0] in found and _answered(marks, *step.only_if)):
            found[step.key] = step
    return tuple(found.values())


def _answered(marks: Marks, key: str, answer: str) -> bool:
    mark = marks.get(key, _UNMARKED)
    return mark.what == "done" and mark.answer == answer


def is_settled(step: Step, marks: Marks) -> bool:
    """Whether it is done or skipped."""
    return marks.get(step.key, _UNMARKED).what in SETTLED


def open_steps(steps: Sequence[Step], marks: Marks) -> tuple[Step, ...]:
    """Those asked for that nobody settled yet."""
    return tuple(step for step in asked_steps(steps, marks) if not is_settled(step, marks))


def blocking_steps(steps: Sequence[Step], marks: Marks) -> tuple[Step, ...]:
    """The open ones without which the case is not resolved."""
    return tuple(step for step in open_steps(steps, marks) if step.required)


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says of a step: what, which answer, and whether words or a file come with it."""

    what: str
    answer: str = ""
    text: bool = False
    file: bool = False


def fault_of(steps: Sequence[Step], marks: Marks, key: str, said: Said) -> str:
    """Why this cannot be said of the step now, as a value of `choices.Reason`; empty if it can."""
    step = next((one for one in asked_steps(steps, marks) if one.key == key), None)
    if step is None:
        return "step_not_asked"
    if said.what not in (*SETTLED, "undone"):
        return "unknown_value"
    if is_settled(step, marks) is not (said.what == "undone"):
        return "step_is_open" if said.what == "undone" else "step_is_settled"
    if said.what == "skipped":
        return _fault_of_skipping(step, said)
    return _fault_of_doing(step, said) if said.what == "done" else ""


def _fault_of_skipping(step: Step, said: Said) -> str:
    if step.required:
        return "step_required"
    return "" if said.text else "reason_needed"


def _fault_of_doing(step: Step, said: Said) -> str:
    if said.answer not in (step.answers or ("",)):
        return "answer_needed"
    if step.evidence == "text" and not said.text:
        return "words_needed"
    return "file_needed" if step.evidence == "file" and not said.file else ""


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a draft cannot be published: a value of `choices.Reason`, and the step it is about ("" for the whole)."""

    code: str
    key: str = ""


def flaws_of(steps: Sequence[Step]) -> tuple[Flaw, ...]:
    """Everything that keeps a draft from being published; empty if nothing does."""
    if not steps:
        return (Flaw("playbook_empty"),)
    before: dict[str, Step] = {}
    found = []
    for step in steps:
        if step.only_if and step.only_if[1] not in _answers_of(before.get(step.only_if[0])):
            found.append(Flaw("branch_broken", step.key))
        if len(step.answers) == 1 or len(set(step.answers)) < len(step.answers):
            found.append(Flaw("answers_too_few", step.key))
        before[step.key] = step
    return tuple(found)


def _answers_of(step: Step | None) -> tuple[str, ...]:
    return step.answers if step else ()
