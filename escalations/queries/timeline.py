"""The stream of a case: its entries, as far as the reader may see them, with their words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from escalations.choices import Entry
from escalations.models import Case, Service, TimelineEntry
from escalations.wording import Names, sentence
from escalations.wording_handing import shown_words
from portal.accounts.rules import Actor

from .linking import BESIDE
from .merged import readable, visible_refs
from .people import names_of


@dataclass(frozen=True, slots=True)
class EntryLine:
    """An entry with its sentence in the reader's language, and its words unless they were removed."""

    entry: TimelineEntry
    sentence: str
    text: str
    redacted: bool
    # The case that it was written in, named to who may see that one.
    origin: str = ""


def entries_visible_to(actor: Actor, case: Case) -> QuerySet[TimelineEntry]:
    """The case's stream, oldest first, with what was merged into it: all entries for company roles, the shared ones for
    partner users, and nothing of a merged case that is out of their sight."""
    rows = TimelineEntry.objects.filter(readable(actor, case))
    return rows.select_related("body", "actor", "on_behalf_of", "mail_in", "mail_out", "channel_in").order_by(
        "at", "id"
    )


def entry_lines(
    entries: Iterable[TimelineEntry], *, reader: Actor | None = None, here: Case | None = None
) -> list[EntryLine]:
    """Entries put into words. Three queries at most for the names in them, whatever their number.

    Other cases are named to a `reader` who may see them, and to nobody else. `here`: in whose stream they stand.
    """
    rows = list(entries)
    names = _names(rows, reader, here)
    return [_line(row, names, here) for row in rows]


def _line(row: TimelineEntry, names: Names, here: Case | None) -> EntryLine:
    body = getattr(row, "body", None)
    redacted = body is not None and body.redacted_at is not None
    text = shown_words(row.code, body.text) if body else ""
    origin = here.ref if here is not None and row.case_id == here.pk else names.case(row.case_id)
    return EntryLine(row, sentence(row.code, row.params, names), text, redacted, origin)


_USER_KEYS = {
    "assignment.changed": ("from", "to"),
    "shift.moved": ("to",),
    "shift.watched": ("to",),
    "grant": ("user",),
    "handover": ("user",),
    "consult": ("user",),
    "brief.given": ("user",),
}


def _names(rows: Sequence[TimelineEntry], reader: Actor | None, here: Case | None) -> Names:
    users: set[int] = set()
    services: set[int] = set()
    cases = {row.params["case"] for row in rows if row.kind == Entry.LINK}
    cases |= {row.case_id for row in rows if here is not None and row.case_id != here.pk}
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
    """The latest entry that changed the case itself, for "somebody changed this a moment ago". Not what it says of cases
    beside it, which its readers may not know of."""
    kinds = ("state", "severity", "assignment", "service", "sensitivity", "details", "escalation", "opened", "link")
    rows = TimelineEntry.objects.filter(case=case, kind__in=kinds).exclude(code__in=BESIDE)
    rows = rows.select_related("actor")
    return rows.order_by("-recorded_at", "-id").first()
