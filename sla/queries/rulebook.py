"""The ordered policies of a kind of subject, loaded for the arithmetic."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Prefetch, QuerySet

from sla.business_time import BusinessCalendar
from sla.models import CalendarVersion, EscalationLevel, PolicyTarget, PolicyVersion
from sla.queries.calendars import calendars_for, newest_versions
from sla.queries.memory import remembered
from sla.rules import Rule, Rulebook, Target


def rulebook(subject_kind: str) -> Rulebook:
    """Active policies in their newest versions, on the newest versions of their calendars. One query; five more if anything changed."""
    return remembered(("rulebook", subject_kind), lambda: _rulebook(subject_kind))


def _rulebook(subject_kind: str) -> Rulebook:
    key = (str(connection.settings_dict["NAME"]), subject_kind)
    kept = _kept.get(key)
    if kept is None or (kept.versions, kept.calendars) != _as_they_are(subject_kind, kept.calendars):
        kept = _kept[key] = _load(subject_kind)
    return kept.book


@dataclass(frozen=True, slots=True)
class _Kept:
    """A rulebook as it was put together in this process, and what tells whether it still holds: versions never change,
    so the newest ones in their order do. By database: numbers mean nothing in another one."""

    versions: tuple[tuple[int, datetime], ...]
    calendars: Mapping[int, tuple[int, str]]
    book: Rulebook


_kept: dict[tuple[str, str], _Kept] = {}


# Asked for every clock that starts: the newest version of each live policy in their order, and of each calendar.
_AS_THEY_ARE: Final = """
SELECT false, version.id, version.created_at, NULL, policy.position, policy.id
  FROM sla_policy AS policy
  CROSS JOIN LATERAL (SELECT id, created_at FROM sla_policyversion
                       WHERE policy_id = policy.id ORDER BY number DESC LIMIT 1) AS version
 WHERE policy.subject_kind = %s AND policy.archived_at IS NULL
UNION ALL
SELECT true, version.id, NULL, version.digest, calendar, 0
  FROM unnest(%s::bigint[]) AS calendar
  CROSS JOIN LATERAL (SELECT id, digest FROM sla_calendarversion
                       WHERE calendar_id = calendar ORDER BY number DESC LIMIT 1) AS version
 ORDER BY 1, 5, 6
"""


def _as_they_are(
    subject_kind: str, calendar_ids: Collection[int]
) -> tuple[tuple[tuple[int, datetime], ...], dict[int, tuple[int, str]]]:
    with connection.cursor() as cursor:
        cursor.execute(_AS_THEY_ARE, [subject_kind, list(calendar_ids)])
        rows = cursor.fetchall()
    versions = tuple((pk, created) for of_calendar, pk, created, *_rest in rows if not of_calendar)
    return versions, {calendar: (pk, digest) for of_calendar, pk, _at, digest, calendar, _id in rows if of_calendar}


def _newest_of(subject_kind: str) -> QuerySet[PolicyVersion, Any]:
    return (
        PolicyVersion.objects.filter(policy__subject_kind=subject_kind, policy__archived_at=None)
        .order_by("policy_id", "-number")
        .distinct("policy_id")
        .values("pk")
    )


def _marks(calendar_ids: Collection[int]) -> dict[int, tuple[int, str]]:
    """The newest version of each calendar, and the digest of what it says."""
    rows = CalendarVersion.objects.filter(calendar_id__in=list(calendar_ids)).order_by("calendar_id", "-number")
    found = rows.distinct("calendar_id").values_list("calendar_id", "pk", "digest")
    return {calendar: (pk, digest) for calendar, pk, digest in found} if calendar_ids else {}


def _load(subject_kind: str) -> _Kept:
    versions = list(_loaded().filter(pk__in=_newest_of(subject_kind)).order_by("policy__position", "policy_id"))
    marks = _marks({target.calendar_id for version in versions for target in version.targets.all()})
    calendars = {calendar: pk for calendar, (pk, _digest) in marks.items()}
    book = Rulebook(_rules(versions, calendars, calendars_for(calendars.values())))
    return _Kept(tuple((version.pk, version.created_at) for version in versions), marks, book)


def rules_of(version_ids: Collection[int | None]) -> dict[int, Rule]:
    """Stored policy versions by id, on the newest versions of their calendars."""
    wanted = frozenset(pk for pk in version_ids if pk is not None)
    return remembered(("rules", wanted), lambda: _rules_of(wanted))


def _rules_of(wanted: frozenset[int]) -> dict[int, Rule]:
    versions = list(_loaded().filter(pk__in=wanted)) if wanted else []
    calendars = newest_versions({target.calendar_id for version in versions for target in version.targets.all()})
    found = _rules(versions, calendars, calendars_for(calendars.values()))
    return {rule.policy_version_id: rule for rule in found}


def on_calendar(rule: Rule, metric: str, version_id: int, calendar: BusinessCalendar) -> Rule:
    """The same rule with one metric's target counted on a certain version of its calendar."""
    target = replace(rule.targets[metric], calendar_version_id=version_id, calendar=calendar)
    return replace(rule, targets={**rule.targets, metric: target})


def levels_of(version_ids: Collection[int | None]) -> dict[tuple[int, int], list[str]]:
    """Who hears of an escalation, by policy version and level: `choices.Recipient` keys and ids of users."""
    wanted = {pk for pk in version_ids if pk is not None}
    rows = EscalationLevel.objects.filter(version__in=wanted).values_list("version_id", "level", "who")
    return {(version, level): list(who) for version, level, who in rows} if wanted else {}


def _loaded() -> QuerySet[PolicyVersion, PolicyVersion]:
    return PolicyVersion.objects.select_related("policy").prefetch_related(
        Prefetch("targets", PolicyTarget.objects.order_by("metric")),
        Prefetch("levels", EscalationLevel.objects.order_by("level")),
    )


def _rules(
    versions: Collection[PolicyVersion], newest: Mapping[int, int], calendars: Mapping[int, BusinessCalendar]
) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            policy_id=version.policy_id,
            policy_version_id=version.pk,
            match={name: frozenset(map(str, values)) for name, values in version.match.items()},
            targets={
                target.metric: Target(
                    seconds=target.minutes * 60,
                    calendar_id=target.calendar_id,
                    calendar_version_id=newest[target.calendar_id],
                    calendar=calendars[newest[target.calendar_id]],
                    warn=tuple(target.warn),
                    pause_states=frozenset(target.pause_states),
                )
                for target in version.targets.all()
            },
            levels=tuple((level.level, level.minutes_after * 60) for level in version.levels.all()),
        )
        for version in versions
    )
