"""The stream of a case: its entries, as far as the reader may see them, with their words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from escalations.choices import Entry
from escalations.models import Case, Service, TimelineEntry
from escalations.wording import Names, sentence
from escalations.wording_handing import shown_words
from portal.accounts.rules import Actor

from .merged import readable, visible_refs
from .people import names_of


@dataclass(frozen=True, slots=True)
class EntryLine:
    """An entry with its sentence in the reader's language, and its words unless they were removed."""

    entry: TimelineEntry
    sentence: str
    text: str
    redacted: bool


def entries_visible_to(actor: Actor, case: Case) -> QuerySet[TimelineEntry]:
    """The case's stream, oldest first, with what was merged into it: all entries for company roles, the shared ones for
    partner users, and nothing of a merged case that is out of their sight."""
    rows = TimelineEntry.objects.filter(readable(actor, case))
    return rows.select_related("body", "actor", "on_behalf_of", "mail_in", "mail_out", "channel_in").order_by(
        "at", "id"
    )


def entry_lines(entries: Iterable[TimelineEntry], *, reader: Actor | None = None) -> list[EntryLine]:
    """Entries put into words. Three queries at most for the names in them, whatever their number.

    Other cases are named to a `reader` who may see them, and to nobody else.
    """
    rows = list(entries)
    names = _names(rows, reader)
    return [_line(row, names) for row in rows]


def _line(row: TimelineEntry, names: Names) -> EntryLine:
    body = getattr(row, "body", None)
    redacted = body is not None and body.redacted_at is not None
    return EntryLine(
        row, sentence(row.code, row.params, names), shown_words(row.code, body.text) if body else "", redacted
    )


_USER_KEYS = {
    "assignment.changed": ("from", "to"),
    "shift.moved": ("to",),
    "shift.watched": ("to",),
    "grant": ("user",),
    "handover": ("user",),
    "consult": ("user",),
    "brief.given": ("user",),
}


def _names(rows: Sequence[TimelineEntry], reader: Actor | None) -> Names:
    users: set[int] = set()
    services: set[int] = set()
    cases = {row.params["case"] for row in rows if row.kind == Entry.LINK}
    for row in rows:
        if row.code == "service.changed":
            services |= {row.params.get("from", 0), row.params.get("to", 0)}
        if row.code == "handover.offered":
            services.add(row.params.get("service", 0))
        for key in _USER_KEYS.get(row.code, _USER_KEYS.get(row.kind, ())):
            if isinstance(row.params.get(key), int):
                users.add(row.params[key])
    found = Service.objects.in_bulk(services) if services else {}
    return Names(
        users=names_of(users),
        services={pk: one.label for pk, one in found.items()},
        cases=visible_refs(reader, cases) if reader else {},
    )


def last_change(case: Case) -> TimelineEntry | None:
    """The latest entry that changed the case itself, for "somebody changed this a moment ago"."""
    kinds = ("state", "severity", "assignment", "service", "sensitivity", "details", "escalation", "opened", "link")
    rows = TimelineEntry.objects.filter(case=case, kind__in=kinds).select_related("actor")
    return rows.order_by("-recorded_at", "-id").first()
