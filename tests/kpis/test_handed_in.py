"""What other wings hand in is read where every other figure is: command, matrix, scorecard, with the formula in force."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from escalations.actions import figures as of_cases
from escalations.actions import set_state
from kpis.actions import headcount
from kpis.models import Kpi, KpiVersion
from partners.models import Site
from portal.accounts.choices import Role
from portal.accounts.rules import SYSTEM
from tests.factories.escalations import CaseFactory, open_policy
from tests.factories.kpis import contract, site_facts
from tests.factories.partners import SiteFactory, signed_in

pytestmark = pytest.mark.django_db
LINES = (
    ("case-sla", 40, "up", "0.5", "0.9", "1"),
    ("escalation-rate", 30, "down", "0.05", "0.01", "0"),
    ("reopen-rate", 30, "down", "0.5", "0.2", "0"),
)


def printed(code: str, site: Site, day: str) -> dict[str, Any]:
    """What the command says of a KPI of a site on a day."""
    out = StringIO()
    call_command("kpi_value", code, f"--site={site.code}", f"--from={day}", f"--to={day}", "--json", stdout=out)
    said: dict[str, Any] = json.loads(out.getvalue())
    return said


def test_on_the_pages() -> None:
    open_policy()
    here = SiteFactory.create(time_zone="UTC", code="CTU")
    at = (timezone.now() - timedelta(days=2)).replace(hour=9, minute=0)
    site_facts(here, at.date(), at.date(), agents=1)
    contract([here], LINES)
    made = [CaseFactory.create(site=here, at=at) for _n in range(4)]
    set_state(actor=SYSTEM, ref=made[0].pk, verb="resolve", at=at + timedelta(minutes=20))
    of_cases.hand_in_changes()
    headcount.hand_in_changes()
    day = at.date().isoformat()
    assert float(printed("case-sla", here, day)["value"]) == pytest.approx(2 / 2)
    rate = printed("escalation-rate", here, day)
    assert float(rate["numerator"]) == 4
    assert float(rate["value"]) == pytest.approx(4 / float(rate["denominator"]))
    client = signed_in(Role.AUDITOR)
    for address in (f"/performance/?period={day}", f"/performance/sites/CTU/?period={day}"):
        page = client.get(address).content.decode()
        assert "Escalations in time" in page, address
        assert "100" in page, address


def test_the_escalation_rate_divides_by_what_sites_bring() -> None:
    first, second = KpiVersion.objects.filter(kpi=Kpi.objects.get(code="escalation-rate")).order_by("number")
    assert first.period.upper == second.period.lower
    assert (first.denominator, second.denominator) == ({"handled_total": "1"}, {"handled": "1"})
    assert second.period.upper is None
