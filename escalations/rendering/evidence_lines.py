"""What an evidence pack says in words: facts, clocks, the stream, and what was sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from escalations import queries
from escalations.actions.mail_in import QUOTED_SHOWN
from escalations.choices import MAX_TEXT, Channel, Direction, Entry, Outcome, Sensitivity, Severity, State
from escalations.choices.mail import Delivery
from escalations.queries import evidence as packing
from portal.audit.wording import joined, labelled
from sla import queries as clocks

if TYPE_CHECKING:
    from escalations.models import Case, TimelineEntry
    from escalations.queries import ClockView
    from portal.accounts.rules import Actor


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the stream, in words."""

    number: int
    entry: TimelineEntry
    local: str
    utc: str
    ref: str
    who: str
    what: str
    about: str
    text: str
    redacted: bool
    internal: bool
    files: Sequence[str]


def both_times(at: datetime) -> tuple[str, str]:
    """An instant by the clock of the place, with its offset, and in UTC."""
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M:%S %z"), f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"


def timeline_rows(
    actor: Actor, entries: Sequence[TimelineEntry], case: Case, files: Mapping[int, Sequence[str]]
) -> list[Line]:
    """The stream, oldest first, as the actor may read it."""
    return [
        _line(number, one, case, files.get(one.entry.pk, ()))
        for number, one in enumerate(queries.entry_lines(entries, reader=actor, here=case), 1)
    ]


def _line(number: int, one: queries.EntryLine, case: Case, files: Sequence[str]) -> Line:
    row = one.entry
    local, utc = both_times(row.at)
    ref = "" if row.case_id == case.pk else one.origin
    return Line(
        number, row, local, utc, ref, _who(row), one.sentence, _about(row), "" if one.redacted else one.text, one.redacted,
        row.is_internal, files,
    )  # fmt: skip


def _who(row: TimelineEntry) -> str:
    if row.actor is None:
        return _("The portal")
    if row.on_behalf_of is None:
        return row.actor.name
    return _("%(name)s for %(principal)s") % {"name": row.actor.name, "principal": row.on_behalf_of.name}


def _about(row: TimelineEntry) -> str:
    """Of a contact: which way it went, how, and how far it got."""
    parts = [str(Direction(row.direction).label)] if row.direction in Direction.values else []
    parts += [str(Channel(row.channel).label)] if row.channel in Channel.values else []
    parts += [str(Outcome(row.outcome).label)] if row.outcome in Outcome.values else []
    out = getattr(row, "mail_out", None)
    if out is not None:
        parts += [out.to, str(Delivery(out.state).label)]
    came = getattr(row, "mail_in", None)
    return joined(*parts, came.sender if came is not None else "")


def letters(lines: Sequence[Line]) -> Iterator[str]:
    """Each message to the customer and from them as a text of its own: mail, messages of channels, contacts that were logged."""
    for line in lines:
        if not _is_message(line.entry):
            continue
        head = _sent_head(line) if line.entry.direction == Direction.OUTBOUND else _received_head(line)
        body = _("[The words of this message were removed.]") if line.redacted else _said(line)
        yield "".join(f"{name}: {value}\n" for name, value in head) + f"\n{body}\n"


def _is_message(row: TimelineEntry) -> bool:
    """Mail from an address that the case did not know may be the customer's as well; what machines answer is not."""
    came = getattr(row, "mail_in", None)
    return row.kind == Entry.CONTACT or (came is not None and not came.automatic)


def _sent_head(line: Line) -> list[tuple[str, str]]:
    out = getattr(line.entry, "mail_out", None)
    head = [
        (_("Entry"), str(line.number)),
        (_("Sent on"), f"{line.local} ({line.utc})"),
        (_("Sent by"), line.who),
        (_("How"), line.about),
    ]
    if out is not None:
        head += [(_("Recipient"), out.to), (_("Subject"), out.subject), ("Message-ID", out.message_id)]
    return head


def _received_head(line: Line) -> list[tuple[str, str]]:
    """What the customer said, or what came as mail: its sender stands in how it came, that of a channel beside it."""
    said = getattr(line.entry, "channel_in", None)
    head = [
        (_("Entry"), str(line.number)),
        (_("Received on"), f"{line.local} ({line.utc})"),
        (_("Recorded by"), line.who),
        (_("How"), line.about),
    ]
    return [*head, (_("Sender"), said.sender)] if said is not None and said.sender else head


def _said(line: Line) -> str:
    """The words, of mail with what it answers: all of both, while the stream may keep the beginning alone."""
    came = getattr(line.entry, "mail_in", None)
    if came is None:
        return line.text
    text, quoted = line.text, came.quoted
    if came.has_more and (len(text) >= MAX_TEXT or len(quoted) >= QUOTED_SHOWN):
        whole = packing.whole_words(came)
        text, quoted = whole[0] or text, whole[1] or quoted
    return f"{text}\n\n{labelled(_('What it answers'), '')}\n{quoted}" if quoted else text


def fact_rows(case: Case) -> list[tuple[str, str]]:
    """What the case says of itself."""
    pairs = [
        (_("Subject"), case.subject),
        (_("State"), str(State(case.state).label)),
        (_("Severity"), str(Severity(case.severity).label)),
        (_("Sensitivity"), str(Sensitivity(case.sensitivity).label)),
        (_("Service"), case.service.label),
        (_("Site"), case.site.label if case.site else ""),
        (_("Channel"), str(Channel(case.channel).label)),
        (_("Issue type"), " › ".join(queries.path_of(case.issue_type)) if case.issue_type else ""),
        (_("Customer reference"), case.customer_ref),
        (_("How to be in touch"), case.contact_hint),
        (_("Owner"), case.owner.name if case.owner else ""),
        (_("Opened"), _time(case.opened_at)),
        (_("Resolved"), _time(case.resolved_at)),
        (_("Closed"), _time(case.closed_at)),
    ]
    return [(name, value) for name, value in pairs if value]


def _time(at: datetime | None) -> str:
    return "{} ({})".format(*both_times(at)) if at else ""


def clock_rows(actor: Actor, case: Case) -> list[dict[str, Any]]:
    """Every clock of the case: when it ran, how its due time came about, what happened to it, as the actor may read it."""
    return [_clock(actor, view) for view in clocks.clocks_of(queries.KIND, [case.pk])[case.pk]]


def _clock(actor: Actor, view: ClockView) -> dict[str, Any]:
    told = clocks.explanation(view, actor)
    instants = {"started": view.started_at, "due": view.due_at, "met": view.met_at, "breached": view.breached_at}
    return {
        "clock": view.label,
        "round": view.cycle,
        "state": view.state,
        **{name: _time(at) for name, at in instants.items() if at is not None},
        "terms": [{"name": name, "value": value} for name, value in told.terms],
        "counted": [
            {"from": _time(line.start), "to": _time(line.end), "why": line.text, "counts": line.counted}
            for line in told.lines
        ],
        "history": [{"at": _time(line.at), "what": line.text} for line in told.history if not line.ahead],
    }
