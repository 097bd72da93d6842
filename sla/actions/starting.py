"""The first policies of an installation, made from what a wing suggests."""

from collections.abc import Mapping, Sequence
from typing import Final

from django.db import transaction

from portal.audit.actions import Acts
from sla.actions.calendars import create_calendar, resolved
from sla.actions.policies import LevelContent, PolicyContent, TargetContent, create_policy
from sla.business_time import WEEKDAYS
from sla.models import Calendar, Policy
from sla.registry import StarterPolicy

ALWAYS: Final = ("Around the clock", "全天候")


class PoliciesExistError(Exception):
    """There are policies already: what is suggested for the first day is no longer offered."""


@transaction.atomic
def create_starters(
    *,
    actor: Acts,
    subject_kind: str,
    calendar_id: int | None,
    chosen: Sequence[tuple[StarterPolicy, Mapping[str, int]]],
) -> list[Policy]:
    """Make these policies in this order, each with minutes by metric, on a calendar (None: a new one, always open).

    Raises PoliciesExistError, and IntegrityError if somebody else makes them at the same time.
    """
    if Policy.objects.filter(subject_kind=subject_kind, archived_at=None).exists():
        raise PoliciesExistError
    on = calendar_id or _always(actor).pk
    return [
        create_policy(
            actor=actor,
            subject_kind=subject_kind,
            name=starter.name,
            name_zh=starter.name_zh,
            content=_content(starter, minutes, on),
        )
        for starter, minutes in chosen
    ]


def _always(actor: Acts) -> Calendar:
    """A calendar that is open at every instant."""
    hours = {day: [("00:00", "24:00")] for day in WEEKDAYS}
    name, name_zh = ALWAYS
    return create_calendar(actor=actor, name=name, name_zh=name_zh, content=resolved(time_zone="UTC", hours=hours))


def _content(starter: StarterPolicy, minutes: Mapping[str, int], calendar_id: int) -> PolicyContent:
    return PolicyContent(
        match=starter.match,
        targets={
            metric: TargetContent(number, calendar_id, tuple(starter.warn), tuple(starter.pause_states.get(metric, ())))
            for metric, number in minutes.items()
        },
        levels=tuple(LevelContent(after, tuple(who)) for after, who in starter.levels),
    )
