"""A case's stream as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.http import QueryDict
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalations import queries
from escalations.choices import Channel, Direction, Entry, Outcome
from escalations.queries.briefs import words_left_by
from escalations.queries.evidence import with_answer_files
from escalations.queries.mentions import with_names
from escalations.queries.playbooks import with_file_steps
from escalations.views.common import case_url, lang_of
from escalations.views.mail_html import NO_MARK, Mark, mail_marks
from escalations.views.timeline_html import lines_html
from portal.ui.pagination import Page, keyset_page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet
    from django.utils.safestring import SafeString
    from django_stubs_ext import StrOrPromise

    from escalations.models import Case, TimelineEntry
    from escalations.queries import CaseRights, EntryLine
    from portal.accounts.models import User
    from portal.accounts.rules import Actor
    from portal.ui.times import Style

PAGE_SIZE: Final = 200
SHOWS: Final[dict[str, tuple[StrOrPromise, tuple[str, ...]]]] = {
    "all": (gettext_lazy("All"), ()),
    "messages": (gettext_lazy("Messages"), (Entry.CONTACT, Entry.OPENED)),
    "notes": (gettext_lazy("Notes"), (Entry.NOTE,)),
    "clocks": (gettext_lazy("Clocks"), (Entry.CLOCK, Entry.ESCALATION)),
}
_ICONS: Final = {
    Entry.OPENED: "plus",
    Entry.STATE: "swap",
    Entry.SEVERITY: "flag",
    Entry.ASSIGNMENT: "user",
    Entry.SERVICE: "right",
    Entry.SENSITIVITY: "lock",
    Entry.GRANT: "key",
    Entry.DETAILS: "edit",
    Entry.CLOCK: "clock",
    Entry.ESCALATION: "esc",
    Entry.LINK: "link",
    Entry.STEP: "check",
    Entry.FACT: "check",
    Entry.BRIEF: "file",
    Entry.HANDOVER: "swap",
    Entry.CONSULT: "users",
    Entry.IMPORTED: "history",
}
# Shown as a message where they have words.
_WITH_WORDS: Final = (Entry.OPENED, Entry.STEP, Entry.ASSIGNMENT, Entry.HANDOVER, Entry.CONSULT, Entry.BRIEF)
_CLOCK_LOOKS: Final = {
    "clock.warned": ("warn", ""),
    "clock.breached": ("over", "red"),
    "clock.escalated": ("esc", "red"),
    "clock.acknowledged": ("check", "green"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One entry: a message in a frame, or an event on one line."""

    pk: int
    is_message: bool
    icon: str
    tone: str
    text: str
    actor: User | None
    behalf: str
    at: datetime
    style: Style
    body: str
    lang: str
    redacted: str
    redact_url: str
    split_url: str
    source: str
    mark: Mark  # of mail, see `mail_html`
    named: Sequence[tuple[int, int]] = ()  # where the words name somebody: start and length
    customer: str = ""  # whose words it holds, of what `actor` wrote down for them

    @property
    def source_url(self) -> str:
        """The page of the merged case that the entry comes from."""
        return case_url(self.source)

    @property
    def actor_name(self) -> str:
        """Who did it; empty for the system."""
        return self.actor.name if self.actor else ""


@dataclass(frozen=True, slots=True)
class Show:
    """One choice of the filter over the stream."""

    key: str
    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Stream:
    """One page of the stream, oldest first, and the addresses around it."""

    lines: SafeString
    shows: list[Show]
    older_url: str
    newer_url: str


def stream_of(
    actor: Actor,
    case: Case,
    rights: CaseRights,
    data: QueryDict,
    rows: QuerySet[TimelineEntry],
    called: Mapping[int, str],
) -> Stream:
    """The newest 200 of the entries that the actor may see, of what is asked for, or those before a cursor; `called`: what the
    customer is called, by case, as far as the actor knows it. Raises BadCursor."""
    offered = _offered(rights)
    show = data.get("show", "all")
    show = show if show in offered else "all"
    if kinds := SHOWS[show][1]:
        rows = rows.filter(kind__in=kinds)
    page = keyset_page(
        with_answer_files(with_file_steps(with_names(rows))),
        order=("-at", "-id"),
        cursor=data.get("cursor"),
        size=PAGE_SIZE,
    )
    marks = mail_marks(page.items, case.ref)
    found = queries.entry_lines(reversed(page.items), reader=actor, here=case)
    lines = [
        replace(
            _line(line, actor, case, rights, marks.get(line.entry.pk, NO_MARK)), customer=_customer(line.entry, called)
        )
        for line in found
    ]
    shows = [Show(key, str(SHOWS[key][0]), _address(case, key), key == show) for key in offered]
    return Stream(lines_html(lines), shows, *_neighbours(case, show, page))


def _offered(rights: CaseRights) -> list[str]:
    """The kinds that this reader finds anything of: what clocks do is for the company alone."""
    return [key for key in SHOWS if key != "clocks" or rights.sees_internal]


def _neighbours(case: Case, show: str, page: Page[TimelineEntry]) -> tuple[str, str]:
    older = _address(case, show, page.next_cursor) if page.next_cursor else ""
    return older, _address(case, show) if page.prev_cursor else ""


def _address(case: Case, show: str, cursor: str | None = None) -> str:
    query = QueryDict(mutable=True)
    if show != "all":
        query["show"] = show
    if cursor:
        query["cursor"] = cursor
    return f"{case_url(case)}?{query.urlencode()}" if query else case_url(case)


def _line(line: EntryLine, actor: Actor, case: Case, rights: CaseRights, mark: Mark) -> Line:
    entry = line.entry
    icon, tone = _CLOCK_LOOKS.get(entry.code, (_ICONS.get(Entry(entry.kind), "info"), ""))
    redact_url = _redact_url(line, actor, case, rights)
    is_message = entry.kind in (Entry.NOTE, Entry.CONTACT) or (
        entry.kind in _WITH_WORDS and bool(line.text or redact_url)
    )
    return Line(
        pk=entry.pk,
        is_message=is_message,
        icon=icon,
        tone=_tone(entry) if is_message else tone,
        text=_words(line),
        actor=entry.actor,
        behalf=_("for %(name)s") % {"name": entry.on_behalf_of.name} if entry.on_behalf_of else "",
        at=entry.at,
        style="time" if localtime(entry.at).date() == localtime().date() else "full",
        body=line.text,
        lang=lang_of(line.text),
        redacted=_("These words were removed") if line.redacted else "",
        redact_url=redact_url,
        source="" if entry.case_id == case.pk else line.origin,
        split_url=_split_url(line, case, rights),
        mark=mark,
        named=[(one["start"], one["length"]) for one in getattr(entry, "named", ())],
    )


def _customer(entry: TimelineEntry, called: Mapping[int, str]) -> str:
    """Whose words a contact holds that a colleague wrote down; empty for anything else. Mail and messages say who sent them."""
    logged = entry.kind == Entry.CONTACT and entry.direction == Direction.INBOUND and entry.actor is not None
    return (called.get(entry.case_id) or _("Customer")) if logged else ""


def _tone(entry: TimelineEntry) -> str:
    if entry.kind in (Entry.NOTE, Entry.STEP, Entry.ASSIGNMENT, Entry.HANDOVER, Entry.CONSULT):
        return "note" if entry.is_internal else ""
    return "out" if entry.direction == Direction.OUTBOUND else ""


def _words(line: EntryLine) -> str:
    entry = line.entry
    if entry.kind == Entry.CONTACT:
        parts = [Direction(entry.direction).label if entry.direction else line.sentence]
        parts += [Channel(entry.channel).label] if entry.channel else []
        parts += [Outcome(entry.outcome).label] if entry.outcome else []
        return " · ".join(str(part) for part in parts)
    if entry.code == "note.added":
        return _("Internal note") if entry.is_internal else _("Shared with the partner")
    return line.sentence


def _split_url(line: EntryLine, case: Case, rights: CaseRights) -> str:
    entry = line.entry
    fits = entry.kind in (Entry.NOTE, Entry.CONTACT) and entry.code != "note.reason"
    if not (fits and line.text and not line.redacted and rights.contact):
        return ""
    return reverse("escalations:case-split", args=[case.ref, entry.pk])


def _redact_url(line: EntryLine, actor: Actor, case: Case, rights: CaseRights) -> str:
    # Words of a merged case are removed on its own page, by its own rules.
    if line.entry.case_id != case.pk:
        return ""
    own = line.entry.actor_id is not None and line.entry.actor_id == actor.user_id and rights.work
    if not (own or rights.redact_any):
        return ""
    # Of a brief, words that its entry quoted may be gone, and others of its writer still be there.
    if not (words_left_by(line.entry) if line.redacted and line.entry.code == "brief.made" else line.text):
        return ""
    return reverse("escalations:case-redact", args=[case.ref, line.entry.pk])
