"""The queue as its page shows it: tabs, chips, rows, and the mark by which a poll knows that nothing changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from escalations import queries
from escalations.choices import Severity, State
from escalations.choices.queue import Age, Tab
from escalations.forms import Asked, parse_filters
from escalations.forms.queue import FILTER_LABELS
from escalations.rules import GRANTABLE_ROLES
from escalations.views.bulk_operations import BulkOperation, bulk_operations
from escalations.views.labels import Labels, filter_labels
from escalations.views.rows import rows_html
from portal.accounts.requests import actor_of
from portal.audit.wording import listed
from portal.ui.htmx import version_of

if TYPE_CHECKING:
    from escalations.queries import ClockView, QueueRow, Scope
    from portal.accounts.rules import Actor
    from portal.ui.pagination import Page

_CODES: Final[Mapping[str, Mapping[Any, Any]]] = {
    "state": dict(State.choices),
    "severity": dict(Severity.choices),
    "age": dict(Age.choices),
}
_OWNERS_TABS: Final = (Tab.MINE, Tab.UNASSIGNED)
_EMPTY: Final = {
    Tab.OPEN: "check",
    Tab.MINE: "user",
    Tab.UNASSIGNED: "check",
    Tab.DUE_SOON: "clock",
    Tab.BREACHED: "check",
    Tab.WAITING: "hour",
    Tab.RESOLVED_TODAY: "sun",
}


@dataclass(frozen=True, slots=True)
class TabLink:
    """A saved view with how many cases it holds."""

    key: str
    label: str
    count: int
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on, and the address without it."""

    name: str
    label: str
    value: str
    url: str
    bad: bool = False


@dataclass
class Board:
    """One view of the queue for one reader."""

    actor: Actor
    data: QueryDict
    asked: Asked
    page: Page[QueueRow]
    counts: dict[str, int]
    scope: Scope = field(repr=False)

    @cached_property
    def version(self) -> str:
        """Changes with anything that is shown; the pills tick by themselves."""
        seen = [(row.case.pk, row.case.version, row.case.updated_at, _shown(row.clock)) for row in self.page.items]
        return version_of(seen, self.counts, self.page.next_cursor, self.page.prev_cursor)

    @cached_property
    def labels(self) -> Labels:
        """Names of what the filters point at."""
        return filter_labels(self.actor, self.asked.filters)

    def without(self, *names: str) -> str:
        """The queue's address without some of its parameters, on its first page."""
        data = self.data.copy()
        for name in (*names, "cursor", "v"):
            data.pop(name, None)
        query = data.urlencode()
        return reverse("escalations:queue") + (f"?{query}" if query else "")

    def context(self) -> dict[str, Any]:
        """Everything that the templates need."""
        internal = self.actor.can("see_internal")
        return {
            "heading": _("Triage queue") if internal else _("Cases"),
            "pulse": self.pulse(),
            "tabs": self.tabs(),
            "chips": self.chips(),
            "text": self.asked.filters.q,
            "kept": [(name, value) for name, values in self.data.lists() for value in values if name in KEPT],
            "clear_url": self.without(*FILTER_LABELS),
            "rows": rows_html(self.page.items, selectable=bool(self.operations)),
            "page": self.page,
            "pager_label": self.size_text(),
            "here": self.here,
            "poll_url": self.poll_url,
            "by_due": self.asked.tab != Tab.RESOLVED_TODAY,
            "bulk_operations": self.operations,
            "may_raise": self.actor.can("raise_case"),
            "may_break_glass": self.actor.has(*GRANTABLE_ROLES),
            **self._emptiness(),
        }

    @cached_property
    def operations(self) -> list[BulkOperation]:
        """What may be done to picked rows; nothing for people who only follow."""
        return bulk_operations(self.actor)

    @property
    def here(self) -> str:
        """This very view, to come back to."""
        data = self.data.copy()
        data.pop("v", None)
        query = data.urlencode()
        return reverse("escalations:queue") + (f"?{query}" if query else "")

    @property
    def poll_url(self) -> str:
        """Where the browser asks whether anything changed."""
        data = self.data.copy()
        data["v"] = self.version
        return f"{reverse('escalations:queue-rows')}?{data.urlencode()}"

    def tabs(self) -> list[TabLink]:
        """The saved views; filters stay on when one changes the tab. Partner users own no case, so two views fall away."""
        shown = Tab.values if self.actor.can("see_internal") else [tab for tab in Tab.values if tab not in _OWNERS_TABS]
        return [
            TabLink(tab, str(Tab(tab).label), self.counts[tab], self._tab_url(tab), tab == self.asked.tab)
            for tab in shown
        ]

    def _tab_url(self, tab: str) -> str:
        data = self.data.copy()
        for name in ("cursor", "v", "tab"):
            data.pop(name, None)
        data["tab"] = tab
        return f"{reverse('escalations:queue')}?{data.urlencode()}"

    def pulse(self) -> list[str]:
        """What matters now, in words; only what there is."""
        counts = self.counts
        parts = [
            (counts[Tab.BREACHED], ngettext("{n} breached", "{n} breached", counts[Tab.BREACHED])),
            (counts[Tab.DUE_SOON], ngettext("{n} due within 2 hours", "{n} due within 2 hours", counts[Tab.DUE_SOON])),
        ]
        if self.actor.can("see_internal"):
            n = counts[Tab.UNASSIGNED]
            parts.append((n, ngettext("{n} unassigned", "{n} unassigned", n)))
        found: list[str] = [format_html(text, n=format_html("<b>{}</b>", capped_text(n))) for n, text in parts if n]
        return found or [_("Nothing is due within 2 hours")]

    def size_text(self) -> str:
        """How many cases the tab holds."""
        n = self.counts[self.asked.tab]
        return ngettext("%(n)s case", "%(n)s cases", n) % {"n": capped_text(n)}

    def chips(self) -> list[Chip]:
        """The filters that are on, and those that were not understood."""
        found = [self._chip(name) for name in FILTER_LABELS if name != "q" and getattr(self.asked.filters, name)]
        not_understood = _("not understood, left out")
        return found + [
            Chip(name, str(FILTER_LABELS[name]), not_understood, self.without(name), bad=True)
            for name in self.asked.bad
            if not getattr(self.asked.filters, name)
        ]

    def _chip(self, name: str) -> Chip:
        given = getattr(self.asked.filters, name)
        values = given if isinstance(given, tuple) else (given,)
        text = listed(self._value(name, value) for value in values[:2])
        more = len(values) - 2
        if more > 0:
            text = _("%(values)s and %(n)d more") % {"values": text, "n": more}
        return Chip(name, str(FILTER_LABELS[name]), text, self.without(name))

    def _value(self, name: str, value: Any) -> Any:
        if name in _CODES:
            return _CODES[name].get(value, value)
        if name == "owner" and value == queries.UNOWNED:
            return _("nobody yet")
        if name == "owner" and value == queries.GONE:
            return _("left or lost access")
        return self.labels.get((name, value)) or _("unknown")

    def _emptiness(self) -> dict[str, str]:
        """What stands there when there is no row."""
        tab = Tab(self.asked.tab)
        if self.asked.filters:
            title, text = _("No case fits these filters"), _("Take one away, or look in another view.")
        else:
            title, text = _empty_words(tab)
        return {"empty_icon": "search" if self.asked.filters else _EMPTY[tab], "empty_title": title, "empty_text": text}


KEPT: Final = frozenset({"tab", *FILTER_LABELS} - {"q"})


def _empty_words(tab: Tab) -> tuple[str, str]:
    return {
        Tab.OPEN: (_("No open case"), _("New ones appear here by themselves.")),
        Tab.MINE: (_("Nothing is yours at the moment"), _("Take one from “Unassigned” when you are ready.")),
        Tab.UNASSIGNED: (_("Every case has an owner"), _("New ones appear here by themselves.")),
        Tab.DUE_SOON: (_("Nothing is due within 2 hours"), _("A good moment for what waits.")),
        Tab.BREACHED: (_("No clock is breached"), _("All promises are kept for now.")),
        Tab.WAITING: (
            _("Nobody is being waited for"),
            _("Cases that wait for a customer or a third party stand here."),
        ),
        Tab.RESOLVED_TODAY: (_("Nothing resolved yet today"), _("What is resolved today collects here.")),
    }[tab]


def capped_text(n: int) -> str:
    """A count; from 1,000 on "1,000+"."""
    return "1,000+" if n >= 1000 else str(n)


def _shown(clock: ClockView | None) -> tuple[object, ...] | None:
    return (clock.id, clock.state, clock.due_at, clock.breached_at) if clock else None


def board_for(request: HttpRequest, data: QueryDict) -> Board:
    """Read the queue as a query string asks. Raises BadCursor."""
    actor, asked = actor_of(request), parse_filters(data)
    scope = queries.scope_of(actor)
    page = queries.queue_rows(actor, tab=asked.tab, filters=asked.filters, cursor=data.get("cursor"), scope=scope)
    counts = queries.tab_counts(actor, scope=scope, filters=asked.filters)
    return Board(actor, data, asked, page, counts, scope)
