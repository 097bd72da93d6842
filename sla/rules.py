"""Which policy holds, what a clock will do and when, and who may edit what. Pure: no Django."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sla.business_time import BusinessCalendar

type Pause = tuple[datetime, datetime]
type Levels = Sequence[tuple[int, int]]  # (level, seconds after the breach)

FIXED_WARN = (75, 90)


@dataclass(frozen=True, slots=True)
class Target:
    """How long one metric may take under one policy."""

    seconds: int
    calendar_id: int
    calendar_version_id: int
    calendar: BusinessCalendar
    warn: tuple[int, ...] = ()
    pause_states: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rule:
    """One policy of the list, in its newest version."""

    policy_id: int
    policy_version_id: int
    match: Mapping[str, frozenset[str]]
    targets: Mapping[str, Target]
    levels: tuple[tuple[int, int], ...] = ()  # (level, business seconds after the breach)

    def matches(self, dimensions: Mapping[str, str]) -> bool:
        """True if every dimension that the policy names has one of its values."""
        return all(dimensions.get(name) in values for name, values in self.match.items())


@dataclass(frozen=True, slots=True)
class Plan:
    """When a clock is due, and what happens on the way and after, in order."""

    due_at: datetime
    at: tuple[datetime, ...]
    code: tuple[str, ...]

    def codes_before(self, instant: datetime) -> set[str]:
        """The steps that lie before an instant."""
        return {code for at, code in zip(self.at, self.code, strict=True) if at < instant}


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The ordered policies of one kind of subject."""

    rules: tuple[Rule, ...] = field(default=())

    def rule_for(self, dimensions: Mapping[str, str]) -> Rule | None:
        """The first policy that matches."""
        return next((rule for rule in self.rules if rule.matches(dimensions)), None)


def plan(rule: Rule, metric: str, started_at: datetime, pauses: Iterable[Pause] = ()) -> Plan:
    """Everything a clock will do, in business time. Raises ValueError if it would never be due."""
    target, stops = rule.targets[metric], tuple(pauses)
    due = target.calendar.add(started_at, target.seconds, stops)
    steps = [
        (target.calendar.add(started_at, target.seconds * percent / 100, stops), f"warned:{percent}")
        for percent in sorted(target.warn)
    ]
    steps.append((due, "breached:0"))
    steps += [
        (target.calendar.add(started_at, target.seconds + after, stops), f"escalated:{level}")
        for level, after in sorted(rule.levels, key=lambda pair: (pair[1], pair[0]))
    ]
    return Plan(due, tuple(at for at, _ in steps), tuple(code for _, code in steps))


def fixed_plan(started_at: datetime, due_at: datetime, warn: Sequence[int] = FIXED_WARN, levels: Levels = ()) -> Plan:
    """The plan of a due instant that nothing moves: warnings at percents of the elapsed time, then the breach, and levels
    after it, in elapsed seconds."""
    whole: timedelta = due_at - started_at
    steps = [(started_at + whole * percent / 100, f"warned:{percent}") for percent in sorted(warn)]
    steps.append((due_at, "breached:0"))
    steps += [
        (due_at + timedelta(seconds=after), f"escalated:{level}")
        for level, after in sorted(levels, key=lambda pair: (pair[1], pair[0]))
    ]
    return Plan(due_at, tuple(at for at, _ in steps), tuple(code for _, code in steps))


def fixed_levels(due_at: datetime, at: Iterable[datetime], code: Iterable[str]) -> Levels:
    """The levels that stand in a plan of that kind."""
    named = ((when, one.partition(":")) for when, one in zip(at, code, strict=True))
    return [(int(n), round((when - due_at).total_seconds())) for when, (kind, _, n) in named if kind == "escalated"]


def with_done(new: Plan, done: Collection[str], *, escalates: bool = True) -> tuple[Plan, int]:
    """A plan with the steps that are done moved to its front, and their number.

    Without `escalates` (somebody acknowledged the breach) the escalations still ahead are left out.
    """
    steps = list(zip(new.at, new.code, strict=True))
    first = [step for step in steps if step[1] in done]
    rest = [step for step in steps if step[1] not in done and (escalates or not step[1].startswith("escalated"))]
    order = first + rest
    return Plan(new.due_at, tuple(at for at, _ in order), tuple(code for _, code in order)), len(first)


def may_edit(
    match: Mapping[str, Iterable[str]], governed: Mapping[str, frozenset[str]], *, is_administrator: bool
) -> bool:
    """True for administrators, and for whoever governs every value of a dimension that the policy names."""
    if is_administrator:
        return True
    return any(values and set(match.get(name, ())) and set(match[name]) <= values for name, values in governed.items())
