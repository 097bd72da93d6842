"""What changed since the version before, in words: facts, clocks and figures by their values, texts by that they changed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from escalations.choices import Severity, State
from escalations.choices.briefs import MAX_CHANGES, Legal, Reach
from escalations.choices.statutory import metric_label
from escalations.rules.briefs.bounds import shortened
from escalations.rules.briefs.differences import ADDED, GONE, Difference, differences
from escalations.wording import Names

from .brief_lines import Row, clock_text, exposed, moment_of, topic_of

_SHORT: Final = 60
Content = Mapping[str, Any]


def change_rows(before: Content, after: Content, names: Names) -> list[Row]:
    """The rows, no more than there is room for; what is beyond is counted."""
    found: list[Row] = []
    for section, some in groupby(differences(before, after), lambda one: one.section):
        found += _MAKERS[section](list(some), (before, after), names)
    if len(found) <= MAX_CHANGES:
        return found
    more = len(found) - MAX_CHANGES + 1
    text = ngettext("and %(n)d more", "and %(n)d more", more) % {"n": more}
    return [*found[: MAX_CHANGES - 1], Row("", text)]


Both = tuple[Content, Content]
Maker = Callable[[Sequence[Difference], Both, Names], Iterator[Row]]


def _turned(one: Difference, word: Callable[[Any], str]) -> str:
    """From one value to the other; what came or went says so."""
    if one.what == ADDED:
        return _("new: %(value)s") % {"value": word(one.after)}
    if one.what == GONE:
        return _("no longer: %(value)s") % {"value": word(one.before)}
    return f"{word(one.before)} → {word(one.after)}"


def _case(found: Sequence[Difference], both: Both, names: Names) -> Iterator[Row]:
    labels = {
        "subject": _("Subject"), "customer_ref": _("Customer reference"), "issue": _("Issue type"),
        "service": _("Service"), "site": _("Site"), "signals": _("Signals"), "opened_at": _("Opened"),
    }  # fmt: skip
    for one in found:
        if one.key == "severity":
            yield Row(_("Severity"), _turned(one, lambda value: Severity(value).label))
        elif one.key == "state":
            yield Row(_("State"), _turned(one, lambda value: str(State(value).label)))
        else:
            yield Row(labels[one.key], _("changed"))


def _clocks(found: Sequence[Difference], both: Both, names: Names) -> Iterator[Row]:
    for one in found:
        yield Row(metric_label(one.key), _turned(one, clock_text))


def _situation(found: Sequence[Difference], both: Both, names: Names) -> Iterator[Row]:
    shown = "words" if (both[0]["situation"].get("words") or both[1]["situation"].get("words")) else "neutral"
    if any(one.key == shown for one in found):
        yield Row(_("Situation"), _("rewritten"))


def _known(found: Sequence[Difference], both: Both, names: Names) -> Iterator[Row]:
    for one in found:
        row = one.after or one.before
        if (one.before or one.after).get("words") or row.get("words"):
            yield Row(topic_of(row), _turned(one, _fact))
        else:
            words = {ADDED: _("now known"), GONE: _("left out")}
            yield Row(topic_of(row), words.get(one.what, _("changed")))


def _fact(row: Content) -> str:
    held = row.get("words")
    if not held:
        return "…"
    return _("(removed)") if held["removed"] else shortened(held["words"], _SHORT)


def _did(found: Sequence[Difference], both: Both, names: Names) -> Iterator[Row]:
    added = sum(one.what == ADDED for one in found)
    if added:
        yield Row(_("What we did"), ngettext("%(n)d more entry", "%(n)d more entries", added) % {"n": added})
    if gone := sum(one.what == GONE for one in found):
        yield Row(_("What we did"), ngettext("%(n)d entry left out", "%(n)d entries left out", gone) % {"n": gone})


def _exposure(found: Sequence[Difference], both: Both, names: Names) -> Iterator[Row]:
    old, new = (one["exposure"] for one in both)
    keys = {one.key: one for one in found}
    if {"money", "band", "currency"} & set(keys) and exposed(old) != exposed(new):
        yield Row(_("Money"), f"{exposed(old) or '–'} → {exposed(new) or '–'}")
    if "people" in keys:
        yield Row(_("People at risk"), _turned(keys["people"], lambda value: f"{value:,}"))
    for key, label, kinds in (("legal", _("Law and regulator"), Legal), ("reach", _("Media and reach"), Reach)):
        if key in keys:
            yield Row(label, _turned(keys[key], _labelled(kinds)))
        elif f"{key}_words" in keys:
            yield Row(label, _("rewritten"))


def _labelled(kinds: type[Legal | Reach]) -> Callable[[Any], str]:
    return lambda value: str(kinds(value).label) if value in kinds.values else str(value)


def _next(found: Sequence[Difference], both: Both, names: Names) -> Iterator[Row]:
    for one in found:
        if one.key == "words":
            yield Row(_("Next step"), _("rewritten"))
        elif one.key == "who":
            yield Row(_("Who"), _turned(one, names.user))
        else:
            yield Row(_("By when"), _turned(one, moment_of))


_MAKERS: Final[Mapping[str, Maker]] = {
    "case": _case,
    "clocks": _clocks,
    "situation": _situation,
    "known": _known,
    "did": _did,
    "exposure": _exposure,
    "next": _next,
}
