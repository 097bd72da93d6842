"""Scores against contracts, months frozen, revised, turned into statements and signed."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from kpis.access import contracts as access
from kpis.actions import mark_dirty, results, statements
from kpis.models import Result, ResultLine, Statement
from kpis.queries import agreements, scores, worth
from portal.accounts.choices import Role
from portal.accounts.queries import actor_for
from portal.refusals import RefusedError
from tests.factories.partners import SiteFactory, actor, user
from tests.kpis.contract_world import MONTH, World, noon, stand_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    made = World()
    made.usual()
    return made


def test_scores_of_a_month(world: World) -> None:
    total = scores([world.site.pk], MONTH)[world.site.pk]
    level, asa = total.lines
    assert level.reading.value == D(460) / 600
    assert (level.reading.n, level.verdict.rag) == (600, "a")
    assert asa.reading.value == D(19000) / 600
    assert total.score == level.score * D("0.6") + asa.score * D("0.4")  # type: ignore[operator]
    held = worth(total, world.schedule, D(1000))
    assert (held.percent, held.amount) == (D(-8), D("-80.00"))


def test_scores_cost_the_same_for_many_sites(world: World) -> None:
    sites = [world.site.pk]
    with CaptureQueriesContext(connection) as few:
        scores(sites, MONTH)
    sites += [World().site.pk for _ in range(4)]
    with CaptureQueriesContext(connection) as many:
        assert len(scores(sites, MONTH)) == 5
    assert len(many) == len(few)


def test_a_month_is_frozen_once(world: World) -> None:
    first = results.freeze(actor=world.by_manager, site=world.site, month=MONTH)
    again = results.freeze(actor=world.by_manager, site=world.site, month=MONTH)
    assert first.pk == again.pk
    assert Result.objects.count() == 1
    assert first.score is not None
    assert ResultLine.objects.filter(result=first).count() == 2
    assert list(first.lines.values_list("n", flat=True)) == [600, 600]


@pytest.mark.parametrize(("month", "code"), [(date(2026, 11, 1), "not_over"), (date(2025, 9, 1), "no_contract")])
def test_what_cannot_be_frozen(world: World, month: date, code: str) -> None:
    with pytest.raises(RefusedError) as refused:
        results.freeze(actor=world.by_manager, site=world.site, month=month)
    assert refused.value.code == code


def test_nothing_is_frozen_while_sums_wait(world: World) -> None:
    mark_dirty([(world.site.pk, date(2026, 9, 30))])
    with pytest.raises(RefusedError, match="sums_pending"):
        results.freeze(actor=world.by_manager, site=world.site, month=MONTH)


def test_a_lead_does_not_freeze(world: World) -> None:
    with pytest.raises(PermissionDenied):
        results.freeze(actor=world.by_lead, site=world.site, month=MONTH)


def test_a_revision_only_when_something_changed(world: World) -> None:
    results.freeze(actor=world.by_manager, site=world.site, month=MONTH)
    with pytest.raises(RefusedError, match="unchanged"):
        results.revise(actor=world.by_manager, site=world.site, month=MONTH, reason="Late data")
    world.contacts(noon(20), 100, 90, 2000)
    world.count()
    made = results.revise(actor=world.by_manager, site=world.site, month=MONTH, reason="Late data")
    assert (made.revision, made.reason) == (2, "Late data")
    assert Result.objects.get(revision=1).score != made.score


def test_carried_scores_come_from_the_last_frozen_month(world: World) -> None:
    world.schedule.lines.filter(kpi__code="asa").update(minimum_n=200, shortage="carry")
    held = results.freeze(actor=world.by_manager, site=world.site, month=MONTH)
    october = date(2026, 10, 1)
    world.contacts(noon(5, 10), 100, 95, 1000)
    world.count(october)
    asa = scores([world.site.pk], october)[world.site.pk].lines[1]
    assert (asa.verdict.rag, asa.carried) == ("n", True)
    assert asa.score == held.lines.get(kpi__code="asa").score
    made = results.freeze(actor=world.by_manager, site=world.site, month=october)
    assert made.inputs["carried"] == {"asa": str(asa.score)}


def sign(world: World, who: object) -> Statement:
    held = Statement.objects.latest("pk")
    return statements.sign(actor=who, site=world.site, month=MONTH, seen=statements.stamp(held))  # type: ignore[arg-type]


def drafted(world: World) -> Statement:
    results.freeze(actor=world.by_manager, site=world.site, month=MONTH)
    results.set_invoice(actor=world.by_manager, site=world.site, month=MONTH, amount=D("12345.67"), currency="EUR")
    return Statement.objects.get()


def test_both_sides_sign(world: World) -> None:
    held = drafted(world)
    assert held.amount == D("-987.65")
    assert sign(world, world.by_lead).state == "draft"
    with pytest.raises(RefusedError, match="signed_side"):
        sign(world, world.by_lead)
    with pytest.raises(RefusedError, match="invoice_signed"):
        results.set_invoice(actor=world.by_manager, site=world.site, month=MONTH, amount=D(1), currency="EUR")
    assert sign(world, world.by_manager).state == "signed"
    with pytest.raises(RefusedError, match="signed"):
        sign(world, world.by_manager)


def test_a_changed_statement_is_not_signed_unseen(world: World) -> None:
    drafted(world)
    with pytest.raises(RefusedError, match="statement_changed"):
        statements.sign(actor=world.by_lead, site=world.site, month=MONTH, seen="something else")


def test_the_database_refuses_statements_against_the_rules(world: World) -> None:
    held = drafted(world)
    attempts = [
        "UPDATE kpis_statement SET state = 'signed'",
        f"UPDATE kpis_statement SET company_by_id = {world.lead.pk}, partner_by_id = {world.lead.pk}, state = 'signed'",
        f"UPDATE kpis_statement SET company_by_id = {world.manager.pk}, company_for_id = {world.lead.pk}, "
        f"partner_by_id = {world.lead.pk}, state = 'signed'",
        "DELETE FROM kpis_statement",
        "UPDATE kpis_result SET score = 100",
        "DELETE FROM kpis_resultline",
        "UPDATE kpis_line SET target = 0.85 WHERE direction = 'up'",
        "DELETE FROM kpis_band",
        "UPDATE kpis_schedule SET bonus_cap = 50",
        "UPDATE kpis_schedule SET period = '[2026-01-01,2026-09-01)'",
    ]
    for attempt in attempts:
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(attempt)
    sign(world, world.by_lead)
    sign(world, world.by_manager)
    with pytest.raises(IntegrityError), transaction.atomic():
        Statement.objects.filter(pk=held.pk).update(amount=0)


def test_a_stand_in_of_the_lead_does_not_sign_for_the_company(world: World) -> None:
    drafted(world)
    sign(world, world.by_lead)
    other = user(Role.MANAGER, partner=world.site.partner)
    stand_in(world.lead, other)
    with pytest.raises(RefusedError, match="same_person"):
        sign(world, actor_for(other))


def test_a_good_month_earns_an_earlier_malus_back(world: World) -> None:
    drafted(world)
    sign(world, world.by_lead)
    sign(world, world.by_manager)
    october = date(2026, 10, 1)
    world.contacts(noon(5, 10), 100, 95, 1000)
    world.count(october)
    results.freeze(actor=world.by_manager, site=world.site, month=october)
    results.set_invoice(actor=world.by_manager, site=world.site, month=october, amount=D(10000), currency="EUR")
    held = Statement.objects.get(result__month=october)
    assert (held.amount, held.earned_back) == (D("300.00"), D("987.65"))


def test_others_see_nothing(world: World) -> None:
    held = results.freeze(actor=world.by_manager, site=world.site, month=MONTH)
    stranger = actor(Role.PARTNER_LEAD, site=SiteFactory())
    for who in (stranger, actor(Role.AGENT, site=world.site)):
        with pytest.raises(Http404):
            access.get_covered_site(who, world.site.code)
        with pytest.raises(Http404):
            access.get_contract(who, world.contract.code)
        assert not agreements.results_visible_to(who).exists()
    assert agreements.results_visible_to(actor(Role.AUDITOR)).get() == held
