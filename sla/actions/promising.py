"""What a subject that is made in this transaction will owe: reckoned before its row is written, so that the row holds the due instant from the start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.audit.actions import Acts
from sla.actions.ledger import Ledger
from sla.models import Clock
from sla.queries.rulebook import rulebook
from sla.rules import Plan, Rule, plan


@dataclass(frozen=True, slots=True)
class Promise:
    """The policy that matches and a plan for each metric that it has a target for; without a policy there is nothing."""

    at: datetime
    state: str
    rule: Rule | None
    plans: Mapping[str, Plan]

    @property
    def due_at(self) -> datetime | None:
        """The earliest due instant of what will run; None if nothing does."""
        return min((made.due_at for metric, made in self.plans.items() if not self.pauses(metric)), default=None)

    def pauses(self, metric: str) -> bool:
        """Whether the metric's clock stands still in the state that the subject begins in."""
        return self.rule is not None and self.state in self.rule.targets[metric].pause_states


def promise(
    *, subject_kind: str, dimensions: Mapping[str, str], metrics: Sequence[str], at: datetime, state: str
) -> Promise:
    """What will hold for a subject like this from `at` on. Writes nothing."""
    rule = rulebook(subject_kind).rule_for(dimensions)
    plans = {metric: plan(rule, metric, at) for metric in metrics if metric in rule.targets} if rule else {}
    return Promise(at, state, rule, plans)


def start_promised(*, actor: Acts, subject_kind: str, subject_id: int, promised: Promise) -> list[Clock]:
    """Start the clocks of a subject that was made in this transaction with `promised.due_at` in its row.

    So it has no clocks yet, and the wing is not told of a due instant that it wrote itself.
    """
    ledger = Ledger(actor, subject_kind)
    for metric, made in promised.plans.items():
        clock = ledger.start(
            subject_id=subject_id, metric=metric, cycle=1, at=promised.at, made=made, rule=promised.rule
        )
        if promised.pauses(metric):
            ledger.pause(clock, promised.at)
    ledger.write(due_is_known=True)
    return ledger.created
