"""Cases, entries and clocks as the API gives them out. A constant number of queries each."""

from datetime import datetime
from typing import Any

from escalations import queries, rules
from escalations.choices import State
from escalations.choices.queue import Tab
from escalations.models import Case
from escalations.queries import codes
from escalations.views.common import reason_text
from portal.accounts.rules import Actor
from portal.api.http import Fault, Listed, ProblemError
from portal.ui.pagination import Page, keyset_page
from sla import queries as clocks

from .shapes import CaseFilters

# Sites are looked up among those that the reader knows: a code from elsewhere is as unknown as none.
_UNKNOWN = {"service": "unknown_service", "site": "unknown_site"}


def page_of_cases(actor: Actor, asked: CaseFilters) -> dict[str, Any]:
    """One page, the newest first. Raises ProblemError, BadCursor."""
    filters = _filters(actor, asked)
    rows = queries.with_names(queries.queue_cases(actor, Tab.OPEN, filters))
    page = keyset_page(rows, order=("-id",), cursor=asked.cursor, size=asked.limit)
    inner = queries.inner_scope(actor)
    return _paged(page, [_row(case, queries.shown_due(case, inner)) for case in page.items])


def _filters(actor: Actor, asked: CaseFilters) -> queries.QueueFilters:
    owner = {"me": (actor.user_id or 0,), "nobody": (queries.UNOWNED,)}
    return queries.QueueFilters(
        # Without a word about states all of them are meant, not only the open ones as in the queue.
        state=tuple(asked.state) or tuple(State.values),
        severity=tuple(asked.severity),
        service=_known("service", asked.service, codes.service_ids(actor, asked.service)),
        site=_known("site", asked.site, codes.site_ids(actor, asked.site)),
        owner=owner.get(asked.owner or "", ()),
        age=asked.age or "",
        q=asked.q,
    )


def _known(name: str, asked: list[str], found: dict[str, int]) -> tuple[int, ...]:
    unknown = [code for code in asked if code not in found]
    if unknown:
        words = reason_text(_UNKNOWN[name])
        raise ProblemError(422, "not_valid", faults=[Fault(f"query.{name}", _UNKNOWN[name], words)])
    return tuple(found.values())


def _paged(page: Page[Any], items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"items": items, "next": page.next_cursor, "previous": page.prev_cursor}


def _row(case: Case, due: datetime | None) -> dict[str, Any]:
    return {
        "ref": case.ref,
        "subject": case.subject,
        "state": case.state,
        "severity": case.severity,
        "sensitivity": case.sensitivity,
        "service": {"code": case.service.code, "name": case.service.label},
        "site": {"code": case.site.code, "name": case.site.label} if case.site else None,
        "owner": case.owner.name if case.owner else None,
        "opened_at": case.opened_at,
        "updated_at": case.updated_at,
        "resolved_at": case.resolved_at,
        "next_due_at": due,
        "href": f"/api/v1/cases/{case.ref}",
    }


def whole(actor: Actor, case: Case) -> dict[str, Any]:
    """A case that the actor may see; one query for a merged case, and one for whoever does not see it inside."""
    survivor = queries.survivor_of(actor, case)
    issue = case.issue_type
    return _row(case, _due(actor, case)) | {
        "channel": case.channel,
        "issue_type": {"code": issue.code, "name": " › ".join(queries.path_of(issue))} if issue else None,
        "customer_ref": case.customer_ref,
        "contact_hint": case.contact_hint,
        "impact": case.impact,
        "urgency": case.urgency,
        "signals": case.signals,
        "severity_overridden": case.severity_overridden,
        "escalation_level": queries.shown_level(case, inside=_inside(actor, case)),
        "reopen_count": case.reopen_count,
        "closed_at": case.closed_at,
        "merged_into": survivor.ref if survivor else None,
    }


def page_of_entries(actor: Actor, case: Case, asked: Listed) -> dict[str, Any]:
    """One page of the stream, the oldest first. Raises BadCursor."""
    rows = queries.entries_visible_to(actor, case)
    page = keyset_page(rows, order=("at", "id"), cursor=asked.cursor, size=asked.limit)
    return _paged(page, [_entry(line) for line in queries.entry_lines(page.items, reader=actor, here=case)])


def _entry(line: queries.EntryLine) -> dict[str, Any]:
    entry = line.entry
    return {
        "id": entry.pk,
        "at": entry.at,
        "kind": entry.kind,
        "code": entry.code,
        "says": line.sentence,
        "text": line.text,
        "redacted": line.redacted,
        "by": entry.actor.name if entry.actor else None,
        "for": entry.on_behalf_of.name if entry.on_behalf_of else None,
        "internal": entry.is_internal,
        "channel": entry.channel,
        "direction": entry.direction,
        "outcome": entry.outcome,
        "ref": line.origin or None,
    }


def clocks_of(actor: Actor, case: Case) -> dict[str, Any]:
    """All clocks of a case that the actor may know of. One query."""
    return {"items": [_clock(view) for view in _clocks_known(case, inside=_inside(actor, case))]}


def _inside(actor: Actor, case: Case) -> bool:
    return rules.can_see_internal(actor, queries.facts_of(actor, case)).ok


def _clocks_known(case: Case, *, inside: bool) -> list[clocks.ClockView]:
    return queries.known_clocks(clocks.clocks_of(queries.KIND, [case.pk])[case.pk], inside=inside)


def _due(actor: Actor, case: Case) -> datetime | None:
    """When it falls due, as the actor may know it."""
    if _inside(actor, case):
        return case.next_due_at
    return min((view.due_at for view in _clocks_known(case, inside=False) if view.state == "running"), default=None)


def _clock(view: clocks.ClockView) -> dict[str, Any]:
    names = ("metric", "cycle", "state", "started_at", "due_at", "paused_at", "met_at", "breached_at", "in_time")
    return {name: getattr(view, name) for name in names} | {"paused_seconds": int(view.paused_seconds)}
