"""Signals of a control chart in sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.audit.wording import labelled, sentences

from ...models import Kpi
from ...rules.control import NEAR, OUTSIDE, RUN, Control, Segment, Signal
from ...rules.periods import Period
from ...wording.periods import week_text
from ...wording.values import value_text


@dataclass(frozen=True, slots=True)
class Told:
    """A signal for a list: `tone` g, a or r; `label` its kind, `title` and `detail` what happened, `since` when."""

    tone: str
    label: str
    title: str
    detail: str
    since: str
    at: int
    code: str


def label_of(signal: Signal) -> str:
    """What a point of a chart is marked with."""
    match signal.kind, signal.above:
        case "outside", True:
            return _("above the upper limit")
        case "outside", False:
            return _("below the lower limit")
        case "near", True:
            return _("3 of 4 near the upper limit")
        case "near", False:
            return _("3 of 4 near the lower limit")
        case _, True:
            return _("8 in a row above the mean")
    return _("8 in a row below the mean")


def is_better(signal: Signal, kpi: Kpi) -> bool | None:
    """Whether it goes the right way; None where neither way is."""
    if kpi.direction == "band":
        return None
    return signal.above == (kpi.direction == "up")


def told(signal: Signal, control: Control, values: Sequence[float | None], kpi: Kpi, weeks: Sequence[Period]) -> Told:
    """One signal with its figures."""
    segment = segment_at(control, signal.at)
    better = is_better(signal, kpi)
    tone = "g" if better else "r" if better is False and signal.kind == OUTSIDE else "a"
    limit = (segment.high if signal.above else segment.low) if segment else None
    form = {
        "value": _text(values[signal.at], kpi),
        "limit": _text(limit, kpi),
        "mean": _text(segment.mean if segment else None, kpi),
    }
    details = {
        OUTSIDE: _("%(value)s against a limit of %(limit)s."),
        NEAR: _("%(value)s then; the limit is %(limit)s."),
        RUN: _("The mean is %(mean)s; %(value)s when the eighth came."),
    }
    labels = {OUTSIDE: _("Signal"), NEAR: _("3 of 4"), RUN: _("Run of 8")}
    first, last = weeks[signal.members[0]], weeks[signal.members[-1]]
    since = week_text(last.first) if first == last else f"{week_text(first.first)} – {week_text(last.first)}"
    title = labelled(kpi.label, label_of(signal))
    return Told(tone, labels[signal.kind], title, details[signal.kind] % form, since, signal.members[-1], kpi.code)


def reading_of(control: Control, values: Sequence[float | None], kpi: Kpi, weeks: Sequence[Period]) -> str:
    """What a control chart says, in a sentence or two: the level, and the newest signal, or that there is none."""
    if not control.segments:
        return _("Fewer than six weeks with figures: too few for control limits.")
    segment = control.segments[-1]
    level = _("Since %(week)s the mean is %(mean)s; chance alone stays between %(low)s and %(high)s.") % {
        "week": week_text(weeks[segment.first].first), "mean": _text(segment.mean, kpi),
        "low": _text(segment.low, kpi), "high": _text(segment.high, kpi),
    }  # fmt: skip
    recent = [signal for signal in control.signals if signal.at >= segment.first]
    if not recent:
        return sentences(level, _("No signal: the weeks differ by chance alone."))
    newest = max(recent, key=lambda signal: signal.at)
    said = _("%(kpi)s was %(value)s in %(week)s, %(signal)s: a signal, not chance.") % {
        "kpi": kpi.label, "value": _text(values[newest.at], kpi), "week": week_text(weeks[newest.at].first),
        "signal": label_of(newest),
    }  # fmt: skip
    return sentences(level, said)


def overlap_text(months: int) -> str:
    """Why a figure that rolls over months has no limits."""
    return ngettext(
        "Each week shows the %(months)d month up to its end, so the weeks overlap: without control limits and signals.",
        "Each week shows the %(months)d months up to its end, so the weeks overlap: without control limits and signals.",
        months,
    ) % {"months": months}


def segment_at(control: Control, at: int) -> Segment | None:
    """The segment that a value lies in."""
    return next((one for one in control.segments if one.first <= at <= one.last), None)


def _text(value: float | None, kpi: Kpi) -> str:
    return value_text(value, kpi.unit, kpi.decimals)
