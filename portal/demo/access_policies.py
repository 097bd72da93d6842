"""How long approvals and fulfilment of access may take in the demo."""

from access_requests.choices import Metric, RequestKind
from portal.accounts.rules import SYSTEM
from sla.actions import LevelContent, PolicyContent, TargetContent, create_policy

HOUR = 60
BUSINESS_DAY = 9 * HOUR
# Name, Chinese name, what it matches, business minutes for approval and fulfilment.
POLICIES: tuple[tuple[str, str, dict[str, list[str]], int, int], ...] = (
    ("Privileged access", "特权访问", {"privileged": ["yes"]}, 4 * HOUR, BUSINESS_DAY),
    ("Leavers", "离职", {"kind": [RequestKind.LEAVER.value]}, HOUR, 4 * HOUR),
    ("Access", "访问权限", {}, BUSINESS_DAY, 2 * BUSINESS_DAY),
)


def build_access_policies(calendars: dict[str, int]) -> None:
    """Approvals count on the office's hours, leavers around the clock; breaches reach managers, then coordinators."""
    for name, name_zh, match, approval, fulfilment in POLICIES:
        calendar = calendars["always" if "kind" in match else "cn"]
        create_policy(
            actor=SYSTEM,
            subject_kind="access_item",
            name=name,
            name_zh=name_zh,
            content=PolicyContent(
                match=match,
                targets={
                    Metric.APPROVAL: TargetContent(approval, calendar, (50, 75)),
                    Metric.FULFILMENT: TargetContent(fulfilment, calendar, (75,)),
                },
                levels=(LevelContent(0, ("manager",)), LevelContent(4 * HOUR, ("manager", "coordinator"))),
            ),
        )
