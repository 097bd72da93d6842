"""Calendars and policies, made through the wing's own actions."""

from collections.abc import Mapping
from typing import Any, ClassVar

import factory

from portal.accounts.rules import SYSTEM
from sla.actions import LevelContent, PolicyContent, TargetContent, create_calendar, create_policy, resolved
from sla.models import Calendar, Policy

OFFICE: Mapping[str, list[tuple[str, str]]] = {day: [("09:00", "17:00")] for day in ("mon", "tue", "wed", "thu", "fri")}
ALWAYS: Mapping[str, list[tuple[str, str]]] = {
    day: [("00:00", "24:00")] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
}


class CalendarFactory(factory.django.DjangoModelFactory[Calendar]):
    """Monday to Friday, 9 to 17 UTC, unless said otherwise."""

    name = factory.Sequence(lambda n: f"Office {n}")
    name_zh = ""
    time_zone = "UTC"
    hours = OFFICE
    country = ""
    subdivision = ""
    exceptions: ClassVar[Mapping[str, list[tuple[str, str]]]] = {}

    class Meta:
        model = Calendar

    @classmethod
    def _create(cls, model_class: type[Calendar], *args: Any, **kwargs: Any) -> Calendar:
        name, name_zh = kwargs.pop("name"), kwargs.pop("name_zh")
        return create_calendar(actor=SYSTEM, name=name, name_zh=name_zh, content=resolved(**kwargs))


class PolicyFactory(factory.django.DjangoModelFactory[Policy]):
    """Matches everything: an hour to the first response, a day of eight hours to the resolution.

    `targets` maps a metric to minutes; `warn`, `pause_states` and `calendar` hold for all of them; `levels` are
    (minutes after the breach, who).
    """

    subject_kind = "case"
    name = factory.Sequence(lambda n: f"Policy {n}")
    match: ClassVar[Mapping[str, list[str]]] = {}
    targets: ClassVar[Mapping[str, int]] = {"first_response": 60, "resolution": 480}
    warn = (50, 75)
    pause_states = ("waiting",)
    levels = ((30, ("owner", "service_lead")), (120, ("coordinator",)))
    calendar = factory.SubFactory(CalendarFactory)
    position = None

    class Meta:
        model = Policy

    @classmethod
    def _create(cls, model_class: type[Policy], *args: Any, **kwargs: Any) -> Policy:
        content = content_of(**{key: kwargs.pop(key) for key in _CONTENT})
        return create_policy(actor=SYSTEM, content=content, **kwargs)


_CONTENT = ("match", "targets", "warn", "pause_states", "levels", "calendar")


def content_of(
    *,
    match: Mapping[str, list[str]],
    targets: Mapping[str, int],
    calendar: Calendar,
    warn: tuple[int, ...] = (50, 75),
    pause_states: tuple[str, ...] = ("waiting",),
    levels: tuple[tuple[int, tuple[str, ...]], ...] = (),
) -> PolicyContent:
    """A policy's content, the same calendar, warnings and pausing states for every metric."""
    return PolicyContent(
        match=match,
        targets={
            metric: TargetContent(minutes, calendar.pk, tuple(warn), tuple(pause_states))
            for metric, minutes in targets.items()
        },
        levels=tuple(LevelContent(after, tuple(who)) for after, who in levels),
    )
