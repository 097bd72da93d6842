"""A contract over the site, and a range that its lead disputes, for the addresses of contracts."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from kpis.models import Contract, Exclusion, Kpi, Line, Schedule, SiteCover
from partners.models import Site
from portal.accounts.models import User

SINCE = DateRange(date(2026, 1, 1), None)


def contracts_args(site: Site, lead: User) -> dict[str, dict[str, Any]]:
    """What the addresses of contracts, disputed ranges and results need."""
    contract = Contract.objects.create(partner=site.partner, code="voice", name="Voice", currency="EUR")
    schedule = Schedule.objects.create(contract=contract, number=1, period=SINCE)
    kpi = Kpi.objects.get(code="service-level")
    Line.objects.create(
        schedule=schedule, kpi=kpi, weight=100, direction="up", red=Decimal("0.7"), target=Decimal("0.8")
    )
    cover = SiteCover.objects.create(contract=contract, site=site, period=SINCE)
    period = DateTimeTZRange(datetime(2026, 9, 10, 4, tzinfo=UTC), datetime(2026, 9, 10, 5, tzinfo=UTC))
    disputed = Exclusion.objects.create(
        site=site, period=period, reason="outage", note="Down", proposed_side="partner", proposed_by=lead
    )
    return {
        "contract": {"code": contract.code},
        "contract_cover": {"code": contract.code, "pk": cover.pk},
        "contract_terms": {"code": contract.code, "number": 1},
        "exclusion": {"pk": disputed.pk},
        "result": {"site": site.code, "month": "2026-09"},
    }
