"""What is known of a case: the newest of each thread, and what stood there before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet

from escalations.choices.facts import FREE, CardKey, FactSource, label_of
from escalations.models import Case, CaseFact, TimelineEntry
from portal.accounts.models import User
from portal.accounts.rules import Actor

from .timeline import entries_visible_to


@dataclass(frozen=True, slots=True)
class Known:
    """One row of the ledger, put into words; `earlier`: what it replaced, the newest first."""

    pk: int
    case_id: int
    entry_id: int
    key: str
    text: str
    redacted: bool
    withdrawn: bool
    source: str
    at: datetime
    by: User | None
    replaces: int | None
    earlier: list["Known"] = field(default_factory=list)

    @property
    def label(self) -> str:
        """What it is about; empty for a fact of its own."""
        return label_of(self.key) if self.key else ""

    @property
    def source_label(self) -> str:
        """How we know, in the reader's language."""
        return str(FactSource(self.source).label) if self.source in FactSource.values else self.source

    @property
    def holds(self) -> bool:
        """Whether there is something to read that is true still."""
        return not self.withdrawn and not self.redacted


def facts_visible_to(entries: QuerySet[TimelineEntry]) -> QuerySet[CaseFact]:
    """The facts behind entries that somebody may see (`entries_visible_to`), merged cases' among them."""
    rows = CaseFact.objects.filter(entry__in=entries.order_by().values("pk"))
    return rows.select_related("entry__body", "entry__actor").order_by("pk")


def known_facts(entries: QuerySet[TimelineEntry]) -> list[Known]:
    """What is known now, the oldest first, and what is no longer true left out. One query."""
    rows = facts_visible_to(entries).filter(replaced_by=None, withdrawn=False)
    return [_known(row) for row in rows]


def standing(known: Iterable[Known], case: Case) -> dict[str, Known]:
    """What holds by topic: the case's own word before those of merged ones, else the newest."""
    rows = sorted(known, key=lambda one: (one.case_id == case.pk, one.at))
    return {one.key: one for one in rows if one.key != FREE and one.holds}


def card_of(known: Iterable[Known], case: Case) -> dict[str, Known]:
    """The customer's card out of what is known, in its order."""
    found = standing(known, case)
    return {key: found[key] for key in CardKey.values if key in found}


def beside_card(known: Iterable[Known]) -> list[Known]:
    """The ledger without the card, facts with a topic in the order of their recording."""
    return [one for one in known if one.key not in CardKey.values]


def fact_threads(actor: Actor, case: Case) -> list[Known]:
    """The whole ledger: every thread by its newest row with what stood before it, what is no longer true last."""
    rows = {row.pk: _known(row) for row in facts_visible_to(entries_visible_to(actor, case))}
    replaced = {one.replaces for one in rows.values() if one.replaces}
    ends = [_with_earlier(one, rows) for pk, one in rows.items() if pk not in replaced]
    return sorted(ends, key=lambda one: (one.withdrawn, one.pk))


def _with_earlier(end: Known, rows: Mapping[int, Known]) -> Known:
    at = end.replaces
    while at is not None and at in rows:
        end.earlier.append(rows[at])
        at = rows[at].replaces
    return end


def fact_seen(actor: Actor, case: Case, fact_id: int) -> Known | None:
    """A fact of the case or of one merged into it, if the actor may see it."""
    row = facts_visible_to(entries_visible_to(actor, case)).filter(pk=fact_id).first()
    return _known(row) if row else None


def words_of(row: CaseFact | None) -> str:
    """What a fact says now; nothing if it was withdrawn or its words were removed."""
    body = getattr(row.entry, "body", None) if row is not None and not row.withdrawn else None
    return body.text if body else ""


def says_the_same(row: CaseFact, text: str, source: str) -> bool:
    """Whether a fact says this already, from the same source."""
    return not row.withdrawn and words_of(row) == text and row.source == source


def _known(row: CaseFact) -> Known:
    body = getattr(row.entry, "body", None)
    return Known(
        pk=row.pk,
        case_id=row.case_id,
        entry_id=row.entry_id,
        key=row.key or FREE,
        text=body.text if body else "",
        redacted=body is not None and body.redacted_at is not None,
        withdrawn=row.withdrawn,
        source=row.source,
        at=row.entry.at,
        by=row.entry.actor,
        replaces=row.replaces_id,
    )
