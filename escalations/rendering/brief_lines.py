"""The rows of a brief's sections in words. Reads what a level left of the content, and nothing else."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from escalations.choices import Channel, Direction, Outcome, Severity, Signal, State
from escalations.choices.briefs import Legal, Reach
from escalations.choices.facts import FactSource, label_of
from escalations.choices.statutory import metric_label
from escalations.wording import Names, sentence
from portal.audit.wording import listed
from portal.naming import in_language
from portal.ui.times import day_text, duration_text, in_zone, stamp_text

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """What it is about, what is said of it, and where that is from. `removed`: its words were taken out later."""

    label: str
    text: str
    note: str = ""
    removed: bool = False


def rows_of(section: str, content: Content, names: Names) -> list[Row]:
    """A section in the active language."""
    makers: dict[str, Callable[[Content, Names], Iterator[Row]]] = {
        "case": _case, "situation": _situation, "known": _known, "did": _did, "exposure": _exposure, "next": _next,
    }  # fmt: skip
    return list(makers[section](content, names))


def removed_in(value: Any) -> bool:
    """Whether words were taken out of a part of the content."""
    if isinstance(value, Mapping):
        return bool(value.get("removed")) or any(removed_in(one) for one in value.values())
    return isinstance(value, list) and any(removed_in(one) for one in value)


def worded(label: str, held: Content | None, note: str = "") -> Iterator[Row]:
    """A text under its label; nothing for none."""
    if held:
        yield Row(label, _("These words were removed") if held["removed"] else held["words"], note, held["removed"])


def day_of(at: str) -> str:
    """The day of an instant that content holds."""
    return day_text(in_zone(datetime.fromisoformat(at)).date())


def moment_of(at: str) -> str:
    """Day and time of an instant that content holds."""
    return stamp_text(datetime.fromisoformat(at))


def _named(row: Mapping[str, str]) -> str:
    return in_language(row["name"], row["name_zh"])


def _case(content: Content, names: Names) -> Iterator[Row]:
    case = content["case"]
    yield from worded(_("Subject"), case.get("subject"))
    yield from worded(_("Customer reference"), case.get("customer_ref"))
    if case.get("issue"):
        yield Row(_("Issue type"), " › ".join(map(_named, case["issue"])))
    for key, label in (("service", _("Service")), ("site", _("Site"))):
        if case.get(key):
            yield Row(label, _named(case[key]))
    yield Row(_("Severity"), Severity(case["severity"]).label)
    yield Row(_("State"), str(State(case["state"]).label))
    if case.get("signals"):
        yield Row(_("Signals"), listed(Signal(one).label for one in case["signals"] if one in Signal.values))
    yield Row(_("Opened"), day_of(case["opened_at"]))
    for one in content.get("clocks", ()):
        yield Row(metric_label(one["metric"]), clock_text(one))


def clock_text(clock: Content) -> str:
    """Until when, whether the time runs, and how late it was when the brief was written."""
    words = {"time": _due(clock)}
    if over := clock.get("over"):
        words["late"] = duration_text(over)
        shapes = {
            "met": _("met %(late)s late, was due %(time)s"),
            "paused": _("paused %(late)s over, was due %(time)s"),
        }
        return shapes.get(clock["state"], _("%(late)s over, was due %(time)s")) % words
    shapes = {"met": _("met, was due %(time)s"), "paused": _("paused, due %(time)s")}
    return shapes.get(clock["state"], _("due %(time)s")) % words


def _due(clock: Content) -> str:
    """When it is due, by the clock of the brief; a deadline by law by that of its jurisdiction, which is named."""
    zone = clock.get("zone")
    return f"{stamp_text(datetime.fromisoformat(clock['due_at']), zone)} {zone}" if zone else moment_of(clock["due_at"])


def _situation(content: Content, names: Names) -> Iterator[Row]:
    held = content["situation"]
    yield from worded("", held.get("words") or held.get("neutral"))


def topic_of(row: Content) -> str:
    """What a fact is about."""
    return label_of(row["key"]) if row["key"] else _("Known fact")


def _known(content: Content, names: Names) -> Iterator[Row]:
    for row in content["known"]:
        source = str(FactSource(row["source"]).label) if row.get("source") in FactSource.values else ""
        note = " · ".join(part for part in (source, day_of(row["at"])) if part)
        yield from worded(topic_of(row), row.get("words"), note) if row.get("words") else [Row(topic_of(row), "", note)]


def _did(content: Content, names: Names) -> Iterator[Row]:
    for row in content["did"]:
        held = row.get("words") or {}
        note = _("These words were removed") if held.get("removed") else held.get("words", "")
        yield Row(moment_of(row["at"]), deed_text(row, names), note, bool(held.get("removed")))


def deed_text(row: Content, names: Names) -> str:
    """What was done; a contact by its direction, channel and outcome."""
    params = row["params"]
    if row["code"] != "contact.logged":
        return sentence(row["code"], params, names)
    kinds = ((Direction, "direction"), (Channel, "channel"), (Outcome, "outcome"))
    parts = [str(kind(params[key]).label) for kind, key in kinds if params.get(key) in kind.values]
    return " · ".join(parts) or sentence(row["code"], params, names)


def money_text(amount: str | None, currency: str) -> str:
    """An amount with its currency."""
    return f"{Decimal(amount):,.2f} {currency}" if amount is not None else ""


def band_text(band: Sequence[int] | None, currency: str) -> str:
    """Between which amounts it lies."""
    if not band:
        return ""
    words = {"low": f"{band[0]:,}", "high": f"{band[1]:,}", "currency": currency}
    return _("%(low)s to under %(high)s %(currency)s") % words if band[0] else _("under %(high)s %(currency)s") % words


def exposed(stake: Content) -> str:
    """The amount, as far as a level tells it."""
    if stake.get("money") is not None:
        return money_text(stake["money"], stake["currency"])
    return band_text(stake.get("band"), stake.get("currency", ""))


def _exposure(content: Content, names: Names) -> Iterator[Row]:
    stake = content["exposure"]
    if amount := exposed(stake):
        yield Row(_("Money"), amount)
    if stake.get("people") is not None:
        yield Row(_("People at risk"), f"{stake['people']:,}")
    for key, label, kinds in (("legal", _("Law and regulator"), Legal), ("reach", _("Media and reach"), Reach)):
        held, code = stake.get(f"{key}_words"), stake.get(key)
        text = str(kinds(code).label) if code in kinds.values else ""
        note = next(worded("", held), None)
        if text or note:
            yield Row(
                label,
                text or (note.text if note else ""),
                note.text if note and text else "",
                bool(note and note.removed),
            )


def _next(content: Content, names: Names) -> Iterator[Row]:
    held = content["next"]
    yield from worded(_("What"), held.get("words"))
    if held.get("who"):
        yield Row(_("Who"), names.user(held["who"]))
    if held.get("by"):
        yield Row(_("By when"), moment_of(held["by"]))
