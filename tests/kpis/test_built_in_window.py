"""The built-in reopen rate says for how long it may change; formulas that people made say it themselves."""

from datetime import date
from importlib import import_module

import pytest
from django.db import IntegrityError
from django.db.backends.postgresql.psycopg_any import DateRange

from kpis.models import Kpi, KpiVersion
from portal.accounts.choices import Role
from tests.databases import Database
from tests.factories.partners import user

pytestmark = pytest.mark.processes


def test_only_the_built_in_reopen_rate_was_given_a_window(fresh_database: Database) -> None:
    migration = import_module("kpis.migrations.0016_reopened_within_14_days")
    kept = "SELECT number, parameters FROM kpis_kpiversion WHERE kpi_id = %s ORDER BY number"
    kpi = Kpi.objects.get(code="reopen-rate")
    who, since = user(Role.ADMINISTRATOR), date(2027, 1, 1)
    KpiVersion.objects.filter(kpi=kpi).update(period=DateRange(date(2000, 1, 1), since))
    first = KpiVersion.objects.get(kpi=kpi)
    first.pk, first.number, first.period, first.made_by = None, 2, DateRange(since, None), who
    first.parameters = {"cohort": "solved"}
    first.save(force_insert=True)
    with fresh_database.connect(as_owner=True) as owner:
        assert owner.execute(kept, [kpi.pk]).fetchall()[0] == (1, {"cohort": "solved", "window_days": 14})
        for act, held in (
            (migration.TAKE, {"cohort": "solved"}),
            (migration.GIVE, {"cohort": "solved", "window_days": 14}),
        ):
            owner.execute(act)
            assert owner.execute(kept, [kpi.pk]).fetchall() == [(1, held), (2, {"cohort": "solved"})]
    with pytest.raises(IntegrityError, match="was in force"):
        KpiVersion.objects.filter(kpi=kpi, number=1).update(parameters={})
