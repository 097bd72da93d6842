"""A roster that moves somebody to another team on a day that has passed: from that day on the sums are the right team's."""

from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from kpis.actions import recompute
from kpis.models import AgentDay, DirtyBucket, HandInDue
from kpis.queries import Scope, sums
from partners.importing import run
from partners.models import Engagement, Team
from tests.factories.kpis import site_facts
from tests.factories.partners import SiteFactory, TeamFactory
from tests.kpis.importing import written

pytestmark = pytest.mark.django_db
DEFAULT = Path(run.__file__).resolve().parent.parent / "mappings" / "default.yml"
FIRST, MOVED, LAST = date(2026, 11, 2), date(2026, 11, 5), date(2026, 11, 8)
HEAD = ("employee_no", "name", "email", "programme", "team")


def paid(team: Team) -> dict[date, int]:
    """What the team's people were paid for, by day."""
    scope = Scope(frozenset([team.programme.site_id]), team_ids=frozenset([team.pk]))
    return {day: int(row["paid"] or 0) for (day,), row in sums(scope, FIRST, LAST, ["day"], ["paid"]).items()}


def test_a_roster_of_a_day_that_has_passed(tmp_path: Path) -> None:
    here = SiteFactory.create(code="CTU")
    site_facts(here, FIRST, LAST)
    lotus = Team.objects.get()
    bamboo = TeamFactory.create(programme=lotus.programme, name="Bamboo")
    before = paid(lotus)
    people = list(Engagement.objects.select_related("person").order_by("pk"))
    rows = [
        (one.employee_number, one.person.name, one.person.email, lotus.programme.code, "Bamboo" if at == 0 else "Lotus")
        for at, one in enumerate(people)
    ]
    path = written(tmp_path / "roster.csv", HEAD, rows)
    call_command(
        "roster_diff", str(path), f"--mapping={DEFAULT}", "--site=CTU", f"--as-of={MOVED}", "--apply", stdout=StringIO()
    )
    days = [date(2026, 11, day) for day in range(5, 9)]
    assert list(DirtyBucket.objects.order_by("day").values_list("day", flat=True)) == days, "none before the move"
    assert HandInDue.objects.filter(source="directory").exists(), "and headcounts are looked at anew"
    while recompute():
        pass
    assert set(paid(bamboo)) == set(days)
    for day in days:
        assert (paid(bamboo)[day], paid(lotus)[day]) == (28800, before[day] - 28800)
    assert {day: value for day, value in paid(lotus).items() if day < MOVED} == {
        day: value for day, value in before.items() if day < MOVED
    }
    assert set(AgentDay.objects.filter(team=bamboo).values_list("person_id", flat=True)) == {people[0].person_id}
