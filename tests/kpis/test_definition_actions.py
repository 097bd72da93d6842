"""KPIs and their formulas: who may define them, what is refused, and what stays as it was."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.http import Http404
from django.utils import timezone

from kpis import queries
from kpis.actions import definitions as actions
from kpis.actions import own_components as components
from kpis.actions.definitions import FormulaValues, KpiValues
from kpis.actions.own_components import ComponentValues
from kpis.models import Component, Contract, Kpi, KpiVersion, Line, Schedule
from portal.audit.queries import audit_of
from portal.refusals import ConflictError, RefusedError
from tests.factories.partners import PartnerFactory, SiteFactory, actor
from tests.kpis.filling import MONDAY, figure

pytestmark = pytest.mark.django_db

ONE = Decimal(1)
FORMULA = FormulaValues(numerator={"answered": ONE}, denominator={"offered": ONE}, sample="offered")


def today() -> date:
    return timezone.now().date()


def manager() -> Any:
    return actor("partner_manager", site=SiteFactory())


def version_of(code: str, formula: FormulaValues, first: date, who: Any = None, seen: int | None = None) -> KpiVersion:
    kpi = Kpi.objects.get(code=code)
    return actions.add_version(
        actor=who or manager(), code=code, version=seen or kpi.version, formula=formula, first=first, reason="Agreed"
    )


def refused(code: str, field: str | None = None) -> Any:
    return pytest.raises(RefusedError, match=code, check=lambda error: (error.code, error.field) == (code, field))


def test_a_kpi_begins_with_a_formula_that_may_reach_back() -> None:
    who = manager()
    kpi = actions.add_kpi(
        actor=who, code="answer-rate", unit="percent", values=KpiValues("Answer rate", "up", "应答率"), formula=FORMULA,
        first=date(2026, 1, 1),
    )  # fmt: skip
    version = kpi.versions.get()
    assert (version.number, version.period, version.made_by_id) == (1, DateRange(date(2026, 1, 1), None), who.user_id)
    assert (version.numerator, version.denominator) == ({"answered": "1"}, {"offered": "1"})
    assert len(audit_of("kpi", kpi.pk)) == 1
    with refused("code_taken", "code"):
        actions.add_kpi(
            actor=who, code="answer-rate", unit="percent", values=KpiValues("X", "up"), formula=FORMULA, first=MONDAY
        )
    with refused("code_taken", "code"):
        actions.add_kpi(
            actor=who, code="new", unit="percent", values=KpiValues("X", "up"), formula=FORMULA, first=MONDAY
        )


def test_a_new_formula_closes_the_one_before_the_day_before() -> None:
    first = today() + timedelta(days=10)
    made = version_of("service-level", FORMULA, first)
    before = KpiVersion.objects.get(kpi__code="service-level", number=1)
    assert (before.period.upper, made.number, made.period, made.reason) == (first, 2, DateRange(first, None), "Agreed")
    versions = queries.versions_of([made.kpi_id])[made.kpi_id]
    assert [queries.in_force(versions, day) for day in (first - timedelta(days=1), first)] == [before, made]


def test_days_that_have_begun_keep_their_formula() -> None:
    with refused("not_ahead", "first"):
        version_of("service-level", FORMULA, today())
    version_of("service-level", FORMULA, today() + timedelta(days=5))
    again = FormulaValues(numerator={"answered": Decimal("0.5")}, denominator={"offered": ONE})
    with refused("not_later", "first"):
        version_of("service-level", again, today() + timedelta(days=5))
    with refused("unchanged"):
        version_of("service-level", FORMULA, today() + timedelta(days=9))
    assert KpiVersion.objects.filter(kpi__code="service-level").count() == 2


@pytest.mark.parametrize("change", [{"scale": 2}, {"numerator": {"offered": "1"}}, {"minimum_n": 5}])
def test_the_database_refuses_to_change_a_formula_that_was_in_force(change: dict[str, Any]) -> None:
    version = KpiVersion.objects.get(kpi__code="service-level")
    with pytest.raises(IntegrityError, match="a formula that was in force is not changed"), transaction.atomic():
        KpiVersion.objects.filter(pk=version.pk).update(**change)
    with pytest.raises(IntegrityError, match="a formula that was in force is not changed"), transaction.atomic():
        version.delete()


def test_a_formula_to_come_may_be_withdrawn() -> None:
    made = version_of("service-level", FORMULA, today() + timedelta(days=5))
    who = manager()
    with refused("begun"):
        actions.withdraw_version(actor=who, code="service-level", number=1)
    actions.withdraw_version(actor=who, code="service-level", number=2)
    assert list(KpiVersion.objects.filter(kpi=made.kpi).values_list("number", "period")) == [
        (1, DateRange(date(2000, 1, 1), None))
    ]
    with pytest.raises(Http404):
        actions.withdraw_version(actor=who, code="service-level", number=2)


def contract_on(kpi: Kpi, version: KpiVersion | None = None) -> None:
    contract = Contract.objects.create(name="Hosts", code="hosts", partner=PartnerFactory(), currency="EUR")
    schedule = Schedule.objects.create(contract=contract, number=1, period=DateRange(MONDAY, None))
    Line.objects.create(
        schedule=schedule,
        kpi=kpi,
        version=version,
        weight=100,
        direction="up",
        red=Decimal("0.7"),
        target=Decimal("0.8"),
    )


def test_what_contracts_name_stays() -> None:
    made = version_of("service-level", FORMULA, today() + timedelta(days=5))
    contract_on(made.kpi, made)
    with refused("pinned"):
        actions.withdraw_version(actor=manager(), code="service-level", number=2)
    with refused("in_contract"):
        actions.archive_kpi(actor=manager(), code="service-level")
    actions.archive_kpi(actor=manager(), code="nps")
    assert "nps" not in [kpi.code for kpi in queries.kpis_in_use()]
    actions.restore_kpi(actor=manager(), code="nps")
    assert "nps" in [kpi.code for kpi in queries.kpis_in_use()]


def test_the_second_of_two_editors_is_told() -> None:
    seen = Kpi.objects.get(code="nps").version
    actions.change_kpi(
        actor=manager(), code="nps", version=seen, values=KpiValues("Net promoter score", "up", "NPS", 0)
    )
    with pytest.raises(ConflictError):
        actions.change_kpi(
            actor=manager(), code="nps", version=seen, values=KpiValues("Promoter score", "up", "NPS", 0)
        )
    with pytest.raises(ConflictError):
        version_of("nps", FORMULA, today() + timedelta(days=1), seen=seen)
    kpi = Kpi.objects.get(code="nps")
    assert (kpi.name, kpi.position, kpi.version) == ("Net promoter score", 100, seen + 1)


@pytest.mark.parametrize(
    ("role", "error"),
    [
        ("coordinator", PermissionDenied),
        ("partner_lead", PermissionDenied),
        ("partner_qa", PermissionDenied),
        ("auditor", PermissionDenied),
        ("partner_agent", Http404),
        ("it_fulfilment", Http404),
    ],
)
def test_who_may_not_define(role: str, error: type[Exception]) -> None:
    scope = {} if role in {"auditor", "it_fulfilment"} else {"site": SiteFactory()}
    who = actor(role, **scope)
    with pytest.raises(error):
        version_of("nps", FORMULA, today() + timedelta(days=1), who)
    with pytest.raises(error):
        components.add_component(actor=who, code="mine", values=ComponentValues("Mine", "number"))


def test_administrators_define_too() -> None:
    made = version_of("nps", FORMULA, today() + timedelta(days=1), actor("administrator"))
    assert made.number == 2


def test_a_component_of_ones_own_is_counted_like_any_other() -> None:
    who, site = manager(), SiteFactory()
    components.add_component(actor=who, code="complaints", values=ComponentValues("Complaints", "number"))
    per_answered = FormulaValues(numerator={"complaints": Decimal(1000)}, denominator={"solved": ONE})
    kpi = actions.add_kpi(
        actor=who, code="complaint-rate", unit="number", values=KpiValues("Complaints of 1,000", "down"),
        formula=per_answered, first=date(2026, 1, 1),
    )  # fmt: skip
    figure("complaints", site, MONDAY, 3)
    figure("solved", site, MONDAY, 600)
    found = queries.figures(queries.Scope(frozenset({site.pk})), [kpi], MONDAY, MONDAY)
    assert found[()]["complaint-rate"].value == 5


def test_components_in_use_stay_what_they_are() -> None:
    who = manager()
    with refused("code_taken", "code"):
        components.add_component(actor=who, code="offered", values=ComponentValues("Offered", "number"))
    with refused("code_taken", "code"):
        components.add_component(actor=who, code="backlog", values=ComponentValues("Backlog", "number"))
    with refused("in_formula"):
        components.archive_component(actor=who, code="backlog")
    components.add_component(actor=who, code="spare", values=ComponentValues("Spare", "number"))
    figure("spare", SiteFactory(), MONDAY, 3)
    row = Component.objects.get(code="spare")
    with refused("has_figures", "stock"):
        components.change_component(
            actor=who, code="spare", version=row.version, values=ComponentValues("Spare", "number", "", True)
        )
    components.change_component(actor=who, code="spare", version=row.version, values=ComponentValues("Rest", "number"))
    with pytest.raises(ConflictError):
        components.change_component(
            actor=who, code="spare", version=row.version, values=ComponentValues("Other", "number")
        )
    components.archive_component(actor=who, code="spare")
    with refused("unknown_component", "numerator"):
        version_of("nps", FormulaValues(numerator={"spare": ONE}), today() + timedelta(days=1), who)
    components.restore_component(actor=who, code="spare")
    assert len(audit_of("component", row.pk)) == 4
