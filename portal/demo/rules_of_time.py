"""Calendars and policies of the demo."""

from escalations.choices import Metric, State
from portal.accounts.rules import SYSTEM
from sla.actions import LevelContent, PolicyContent, TargetContent, create_calendar, create_policy, resolved

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
ALL_DAYS = (*WEEKDAYS, "sat", "sun")
HOUR, DAY = 60, 24 * 60
WAITING = (State.WAITING_CUSTOMER, State.WAITING_THIRD_PARTY)

# Per severity: first response, next reply, resolution in business minutes.
TARGETS = {
    1: (HOUR, 2 * HOUR, DAY),
    2: (2 * HOUR, 4 * HOUR, 2 * DAY),
    3: (6 * HOUR, 12 * HOUR, 3 * DAY),
    4: (12 * HOUR, DAY, 5 * DAY),
}


def build_calendars() -> dict[str, int]:
    """Around the clock, seven days a week, and two offices with their country's holidays."""
    every = {day: [("00:00", "24:00")] for day in ALL_DAYS}
    long_day = {day: [("08:00", "22:00")] for day in ALL_DAYS}
    office = {day: [("09:00", "18:00")] for day in WEEKDAYS}
    contents = {
        "always": ("Around the clock", "全天候", resolved(time_zone="UTC", hours=every)),
        "week": ("Seven days, 8 to 22", "每天 8 至 22 点", resolved(time_zone="Asia/Manila", hours=long_day)),
        "cn": ("Shanghai office", "上海办公时间", resolved(time_zone="Asia/Shanghai", hours=office, country="CN")),
        "eu": ("Lisbon office", "里斯本办公时间", resolved(time_zone="Europe/Lisbon", hours=office, country="PT")),
    }
    return {
        key: create_calendar(actor=SYSTEM, name=name, name_zh=name_zh, content=content).pk
        for key, (name, name_zh, content) in contents.items()
    }


def build_policies(calendars: dict[str, int]) -> None:
    """One policy a severity: the gravest run around the clock, the others on longer days."""
    for severity, minutes in TARGETS.items():
        calendar = calendars["always"] if severity <= 2 else calendars["week"]
        create_policy(
            actor=SYSTEM,
            subject_kind="case",
            name=f"Severity {severity}",
            name_zh=f"{severity} 级",
            content=PolicyContent(
                match={"severity": [str(severity)]},
                targets=_targets(minutes, calendar),
                levels=(LevelContent(0, ("owner", "service_lead")), LevelContent(HOUR, ("coordinator", "manager"))),
            ),
        )


def _targets(minutes: tuple[int, int, int], calendar: int) -> dict[str, TargetContent]:
    first, reply, whole = minutes
    return {
        Metric.FIRST_RESPONSE: TargetContent(first, calendar, (75,), ()),
        Metric.NEXT_REPLY: TargetContent(reply, calendar, (75,), WAITING),
        Metric.RESOLUTION: TargetContent(whole, calendar, (50, 75), WAITING),
    }
