"""How grave a case is: impact x urgency by the service's matrix, signals that force S1, an override with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from escalations import queries, rules
from escalations.choices import Entry, Impact, Reason, Severity, Signal, Urgency
from escalations.models import Case
from portal.accounts.rules import Actor

from . import clocks
from ._base import Outcome, Refused, Undo, add_entry, add_reason, locked, moment, required, save, trail, words
from .playbooks import fitting, refit


@dataclass(frozen=True, slots=True)
class Judgement:
    """A severity, and what it rests on."""

    severity: int
    impact: str
    urgency: str
    signals: tuple[str, ...]
    overridden: bool
    reason: str

    def columns(self) -> dict[str, Any]:
        """As columns of a case."""
        return {
            "severity": self.severity,
            "impact": self.impact,
            "urgency": self.urgency,
            "signals": list(self.signals),
            "severity_overridden": self.overridden,
        }


def judged(
    *,
    service_id: int,
    impact: str,
    urgency: str,
    signals: tuple[str, ...],
    override: int | None,
    reason: str,
    cells: Mapping[tuple[str, str], int] | None = None,
) -> Judgement:
    """Check and look up, in `cells` if the caller has the matrix. Without impact and urgency S3, unless overridden or forced. Raises Refused."""
    _known(impact, urgency, signals, override)
    forced = bool(signals)
    found = _looked_up(service_id, impact, urgency, forced, cells)
    if override is None or override == found:
        return Judgement(found, impact, urgency, signals, False, "")
    if forced:
        raise Refused(Reason.SIGNALS_FORCE)
    return Judgement(override, impact, urgency, signals, True, words(reason, needed=Reason.REASON_NEEDED))


def _known(impact: str, urgency: str, signals: tuple[str, ...], override: int | None) -> None:
    fits = (
        impact in ("", *Impact.values)
        and urgency in ("", *Urgency.values)
        and bool(impact) == bool(urgency)
        and set(signals) <= set(Signal.values)
        and (override is None or override in Severity.values)
    )
    if not fits:
        raise Refused(Reason.UNKNOWN_VALUE)


def _looked_up(
    service_id: int, impact: str, urgency: str, forced: bool, cells: Mapping[tuple[str, str], int] | None
) -> int:
    if forced:
        return Severity.S1.value
    if not impact:
        return Severity.S3.value
    return cells[impact, urgency] if cells else queries.severity_for(service_id, impact, urgency)


def set_severity(
    *,
    actor: Actor,
    ref: str | int,
    impact: str = "",
    urgency: str = "",
    signals: tuple[str, ...] | list[str] = (),
    override: int | None = None,
    reason: str = "",
    expected_version: int | None = None,
    at: datetime | None = None,
) -> Outcome:
    """Judge the severity anew; running clocks are counted again from their start. Raises Refused, Stale, Http404."""
    when = moment(at)
    with locked(actor, ref, expected_version) as case:
        acting = required(actor, rules.can_set_severity(actor, queries.facts_of(actor, case)))
        judgement = judged(
            service_id=case.service_id,
            impact=impact,
            urgency=urgency,
            signals=tuple(signals),
            override=override,
            reason=reason,
        )
        before, undo = case.severity, _undo(case)
        if not judge(acting, case, judgement, when):
            raise Refused(Reason.ALREADY_JUDGED)
        if case.severity != before:
            clocks.recompute(acting, case, when)
        return Outcome(case, {**undo, "expected_version": case.version})


def judge(acting: Actor, case: Case, judgement: Judgement, at: datetime) -> bool:
    """Write a judgement with its trail; False if the case is judged so already. The caller moves the clocks."""
    columns, before, fitted = judgement.columns(), case.severity, fitting(case)
    if all(getattr(case, name) == value for name, value in columns.items()):
        return False
    for name, value in columns.items():
        setattr(case, name, value)
    save(case, at, *columns)
    _tell(acting, case, at, before, judgement)
    if case.severity != before:
        refit(acting, case, at, fitted)
    return True


def _tell(acting: Actor, case: Case, at: datetime, before: int, judgement: Judgement) -> None:
    params = {
        "from": before,
        "to": case.severity,
        "impact": judgement.impact,
        "urgency": judgement.urgency,
        "signals": list(judgement.signals),
        "overridden": judgement.overridden,
    }
    add_entry(case, acting, Entry.SEVERITY, "severity.changed", at, params=params, internal=False)
    add_reason(case, acting, at, judgement.reason)
    trail(acting, "case.severity_changed", case, params)


def _undo(case: Case) -> Undo:
    """What would set the severity back to what it is now."""
    # Also where the matrix has changed since: what was there comes back, by hand if need be.
    return {
        "operation": "severity",
        "ref": case.ref,
        "impact": case.impact,
        "urgency": case.urgency,
        "signals": list(case.signals),
        "override": case.severity,
        "reason": _("Undone"),
    }
