"""Which policy holds for a case, and whom of a breach by law it tells when."""

from collections.abc import Iterable
from typing import Final

from escalations.models import Case
from sla import queries as clocks
from sla.rules import Levels, Rule

from .queue import KIND

_HOUR, _DAY = 3600, 24 * 3600
#: Where the policy names no levels, or there is none.
BY_LAW: Final[Levels] = ((1, _HOUR), (2, _DAY))


def dimensions(case: Case) -> dict[str, str]:
    """What a policy may ask of a case (site selected)."""
    return dimensions_at(case, case.site.partner_id if case.site else None)


def dimensions_at(case: Case, partner_id: int | None) -> dict[str, str]:
    """The same for a case that is not written yet."""
    return {
        "service": str(case.service_id),
        "severity": str(case.severity),
        "partner": str(partner_id or ""),
        "channel": str(case.channel),
    }


def policy_of(case: Case) -> Rule | None:
    """The policy that holds for a case now (site selected)."""
    return clocks.rulebook(KIND).rule_for(dimensions(case))


def levels_by_law(case: Case) -> Levels:
    """The levels of that policy, for deadlines by law: in time that passes, since the law knows no opening hours."""
    rule = policy_of(case)
    return (rule.levels if rule else ()) or BY_LAW


def versions_now(case_ids: Iterable[int]) -> dict[int, int]:
    """The version of the policy that holds for each of these cases now; without one it is left out. As many statements
    however many cases."""
    rows = Case.objects.filter(pk__in=set(case_ids)).select_related("site").defer("search")
    book = clocks.rulebook(KIND)
    found = {case.pk: book.rule_for(dimensions(case)) for case in rows}
    return {pk: rule.policy_version_id for pk, rule in found.items() if rule}
