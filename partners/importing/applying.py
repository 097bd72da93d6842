"""Writes what a roster proposes, a statement per kind of change, each audited as if it were done by hand."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.audit.actions import record_many

from .. import queries
from ..actions import settle_ended
from ..choices import ProposalKind
from ..models import Engagement, Roster
from . import statements as sql
from .making import make_places

FETCH: Final = 1000
type Row = tuple[Any, ...]
type Told = Callable[[Row], Mapping[str, object]]


def write(roster: Roster, *, actor: Actor) -> None:
    """Write everything that an error-free roster proposes, in the caller's transaction.

    Whatever the database refuses comes up as its IntegrityError.
    """
    parameters = {
        "roster": roster.pk,
        "day": roster.as_of,
        "site": roster.site_id,
        "partner": roster.site.partner_id,
        "source": roster.source,
        "now": timezone.now(),
        "by_number": roster.mapping["identity"] == "employee_number",
    }
    make_places(roster, actor=actor)
    _people(parameters, actor)
    _leavers(roster, parameters, actor)
    _engagements(parameters, actor)
    _placements(parameters, actor)


def _people(parameters: dict[str, Any], actor: Actor) -> None:
    _run(sql.NUMBER_JOINERS, parameters)
    _told("person.created", sql.ADD_PEOPLE, parameters, actor, lambda row: {"language": row[1]})
    _told("person.changed", sql.CHANGE_PEOPLE, parameters, actor, lambda row: dict.fromkeys(row[1], True))
    _told("external_id.created", sql.ADD_IDS, parameters, actor, lambda row: {"source": row[1], "person_id": row[2]})


def _leavers(roster: Roster, parameters: dict[str, Any], actor: Actor) -> None:
    """Placements end before the engagement that has to cover them; then access, where the last day is over."""
    _told("placement.withdrawn", sql.WITHDRAW_LATER, parameters, actor, lambda _row: {"cancelled_at": True})
    _told("placement.ended", sql.END_PLACEMENTS, parameters, actor, _period)
    _told("leave.withdrawn", sql.WITHDRAW_LEAVE, parameters, actor, lambda _row: {"cancelled_at": True})
    _told("leave.ended", sql.END_LEAVE, parameters, actor, _period)
    _told("engagement.ended", sql.END_ENGAGEMENTS, parameters, actor, _period)
    ids = roster.proposals.filter(kind=ProposalKind.LEAVER).values("engagement")
    over = Engagement.objects.filter(pk__in=ids, period__endswith__lte=queries.site_today(roster.site))
    settle_ended(list(over.filter(access_ended_at__isnull=True)), actor=actor)


def _engagements(parameters: dict[str, Any], actor: Actor) -> None:
    def told(row: Row) -> dict[str, object]:
        return {"employer_id": row[1], "period": _range(row[2])}

    _told("engagement.created", sql.ADD_ENGAGEMENTS, parameters, actor, told)
    _told("engagement.changed", sql.CHANGE_NUMBERS, parameters, actor, lambda _row: {"employee_number": True})
    # A start that moves: the engagement grows first, the placement moves within it, then both begin on the day.
    _run(sql.WIDEN_ENGAGEMENTS, parameters)
    _told("placement.changed", sql.MOVE_STARTS, parameters, actor, _period)
    _told("engagement.changed", sql.NARROW_ENGAGEMENTS, parameters, actor, _period)


def _placements(parameters: dict[str, Any], actor: Actor) -> None:
    _told("placement.changed", sql.CHANGE_PLACEMENTS, parameters, actor, _place)
    _told("placement.ended", sql.END_MOVED, parameters, actor, _period)
    _told(
        "placement.created",
        sql.ADD_PLACEMENTS,
        parameters,
        actor,
        lambda row: {**_place(row), "period": _range(row[6])},
    )


def _place(row: Row) -> dict[str, object]:
    names = ("site_id", "programme_id", "team_id", "job_role_id", "lead_id")
    return {name: value for name, value in zip(names, row[1:6], strict=True) if value is not None}


def _period(row: Row) -> dict[str, object]:
    return {"period": [_range(row[1]), _range(row[2])]}


def _range(text: Any) -> str:
    return f"{text.lower or ''}/{text.upper or ''}"


def _run(statement: str, parameters: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def _told(verb: str, statement: str, parameters: dict[str, Any], actor: Actor, changes: Told) -> None:
    """Run a statement and audit each row that it returns; the row's first column is its id."""
    subject = verb.partition(".")[0]
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        for rows in _chunks(cursor):
            told = {row[0]: changes(row) for row in rows}
            record_many(actor=actor, verb=verb, subject_type=subject, changes_by_id=told)


def _chunks(cursor: Any) -> Iterator[list[Row]]:
    while rows := cursor.fetchmany(FETCH):
        yield rows
