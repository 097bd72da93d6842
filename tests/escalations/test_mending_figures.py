"""Figures of long ago that an earlier version made with deadlines by law in them: counted anew once, and only where they differ."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from escalations import actions
from escalations.actions import figures
from escalations.models import Case, CaseCount
from kpis.models import Figure, HandIn
from partners.models import Site
from portal.accounts.rules import SYSTEM
from tests.factories.escalations import CaseFactory, ServiceFactory, open_policy
from tests.factories.partners import SiteFactory
from tests.factories.statutory import ACK, jurisdiction_with

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = date(2026, 3, 9)


@pytest.fixture
def site() -> Site:
    with time_machine.travel(LONG_AGO - timedelta(days=30), tick=False):
        open_policy()
    return SiteFactory.create(time_zone="UTC")


def complaint(site: Site) -> Case:
    """Solved on its first day; the answer that the law gave ten days for came on the eighth."""
    with time_machine.travel(LONG_AGO + timedelta(minutes=10), tick=False):
        case = CaseFactory.create(site=site, service=ServiceFactory.create(), at=LONG_AGO)
        actions.set_state(actor=SYSTEM, ref=case.pk, verb="resolve")
        law = jurisdiction_with(ack=10)
        actions.regulate(actor=SYSTEM, ref=case.pk, jurisdiction_id=law.pk, received_at=LONG_AGO)
    with time_machine.travel(LONG_AGO + timedelta(days=7), tick=False):
        said = {"channel": "phone", "direction": "out", "outcome": "reached", "text": "We have it."}
        actions.log_contact(actor=SYSTEM, ref=case.pk, duties=[ACK], **said)
    return case


def as_before(case: Case) -> None:
    """Its deadline by law counted as a promise of its site on the day of the answer."""
    assert case.site_id is not None
    CaseCount.objects.create(case=case, site_id=case.site_id, day=LATER, component="sla_due", value=1)
    figures._hand_in({(case.site_id, LATER)}, "before")


def standing(site: Site) -> dict[tuple[str, date], Decimal]:
    rows = Figure.objects.filter(site=site, person=None).exclude(value=0)
    return {(code, day): value for code, day, value in rows.values_list("component__code", "day", "value")}


def mended() -> str:
    out = StringIO()
    call_command("mend_figures", stdout=out)
    return out.getvalue().strip()


def test_old_days_lose_deadlines_by_law_once_and_nothing_else(site: Site) -> None:
    marked, gone_on, plain = complaint(site), complaint(site), complaint(site)
    with time_machine.travel(LONG_AGO + timedelta(days=8), tick=False):
        target = CaseFactory.create(site=site, service=marked.service, at=LONG_AGO)
        actions.merge(actor=SYSTEM, source=gone_on.pk, target=target.pk, reason="The same")
    figures.hand_in_changes()
    wanted = standing(site)
    assert wanted["sla_due", LONG_AGO.date()] > 0
    for one in (marked, target):
        as_before(one)
    figures.hand_in_changes()
    figures.hand_in_again()
    assert standing(site) == {**wanted, ("sla_due", LATER): 2}, "no night goes back so far"
    assert mended() == "Of 1 components some figures were others."
    assert standing(site) == wanted
    assert mended() == "Of 0 components some figures were others."
    assert plain.counts.exists()


def test_what_changed_since_is_handed_in_with_it(site: Site) -> None:
    figures.hand_in_changes()
    CaseFactory.create(site=site, at=LONG_AGO)
    assert mended() == "Of 5 components some figures were others."
    assert HandIn.objects.get(source=figures.SOURCE).seen_until is not None
    assert standing(site)["escalated", LONG_AGO.date()] == 1


def test_while_another_hands_in_nothing_is_done_and_said_so(site: Site) -> None:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended('kpis figures', 0))")
        with pytest.raises(CommandError, match="Run it again"):
            mended()
    finally:
        other.close()
