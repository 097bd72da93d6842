"""Sums of components: every grouping, every scope, what nobody measured, stocks, what is excluded."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kpis.models import QueueDay
from kpis.queries import Scope, sums
from tests.factories.partners import PersonFactory, QueueFactory, SiteFactory, TeamFactory
from tests.kpis.filling import MONDAY, SUNDAY, agent_day, figure, queue_day
from tests.kpis.filling import scope_of as of

pytestmark = pytest.mark.django_db


def week(scope: Scope, by: tuple[str, ...], *codes: str, **more: Any) -> dict[Any, Any]:
    return sums(scope, MONDAY, SUNDAY, by, codes, **more)


def test_all_together_without_a_grouping() -> None:
    one, two = QueueFactory(), QueueFactory()
    queue_day(one, offered=10, answered=8)
    queue_day(one, MONDAY + timedelta(days=1), offered=5)
    queue_day(two, offered=100, answered=90)
    both = of(one.programme.site, two.programme.site)
    assert week(both, (), "offered", "answered") == {(): {"offered": 115, "answered": 98}}
    assert week(of(), (), "offered") == {}
    assert sums(both, date(2026, 12, 1), date(2026, 12, 31), (), {"offered"}) == {}


def test_by_every_place_of_a_queue() -> None:
    one, two = QueueFactory(), QueueFactory()
    site, other = one.programme.site, two.programme.site
    queue_day(one, offered=10)
    queue_day(two, offered=20)
    QueueDay.objects.create(site=site, day=MONDAY, queue=None, offered=7)
    both = of(site, other)
    assert week(both, ("site",), "offered") == {(site.pk,): {"offered": 17}, (other.pk,): {"offered": 20}}
    assert week(both, ("programme",), "offered") == {
        (one.programme_id,): {"offered": 10},
        (two.programme_id,): {"offered": 20},
        (None,): {"offered": 7},
    }
    assert week(both, ("queue", "site"), "offered") == {
        (one.pk, site.pk): {"offered": 10},
        (two.pk, other.pk): {"offered": 20},
        (None, site.pk): {"offered": 7},
    }


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("day", {(date(2026, 12, 28),): 1, (date(2026, 12, 31),): 2, (date(2027, 1, 1),): 4, (date(2027, 1, 4),): 8}),
        ("week", {(date(2026, 12, 28),): 7, (date(2027, 1, 4),): 8}),
        ("month", {(date(2026, 12, 1),): 3, (date(2027, 1, 1),): 12}),
        ("quarter", {(date(2026, 10, 1),): 3, (date(2027, 1, 1),): 12}),
        ("weekday", {(1,): 9, (4,): 2, (5,): 4}),
    ],
)
def test_by_every_time(by: str, expected: dict[Any, int]) -> None:
    queue = QueueFactory()
    for days, offered in ((0, 1), (3, 2), (4, 4), (7, 8)):
        queue_day(queue, date(2026, 12, 28) + timedelta(days=days), offered=offered)
        figure("solved", queue.programme.site, date(2026, 12, 28) + timedelta(days=days), offered)
    found = sums(of(queue.programme.site), date(2026, 12, 1), date(2027, 1, 31), (by,), {"offered", "solved"})
    assert found == {key: {"offered": value, "solved": value} for key, value in expected.items()}


def test_a_grouping_by_two_keeps_its_order() -> None:
    queue = QueueFactory()
    site = queue.programme.site
    queue_day(queue, offered=3)
    assert week(of(site), ("day", "site"), "offered") == {(MONDAY, site.pk): {"offered": 3}}
    assert week(of(site), ("site", "day"), "offered") == {(site.pk, MONDAY): {"offered": 3}}


def test_what_nobody_measured_is_none_and_nothing_is_zero() -> None:
    one, two = QueueFactory(), QueueFactory()
    queue_day(one, offered=10, answered=0)
    queue_day(two, offered=5)
    found = week(of(one.programme.site, two.programme.site), ("queue",), "offered", "answered", "abandoned")
    assert found == {
        (one.pk,): {"offered": 10, "answered": 0, "abandoned": None},
        (two.pk,): {"offered": 5, "answered": None, "abandoned": None},
    }


def test_narrowed_to_programme_and_queue() -> None:
    one = QueueFactory()
    two = QueueFactory(programme=one.programme)
    three = QueueFactory(programme__site=one.programme.site)
    site = one.programme.site
    for queue, offered in ((one, 1), (two, 2), (three, 4)):
        queue_day(queue, offered=offered)
        figure("solved", site, MONDAY, offered * 10, queue=queue)
    figure("solved", site, MONDAY, 1000)
    codes = "offered", "solved"
    assert week(of(site), (), *codes) == {(): {"offered": 7, "solved": 1070}}
    in_programme = of(site, programme_ids=frozenset({one.programme_id}))
    assert week(in_programme, (), *codes) == {(): {"offered": 3, "solved": 30}}
    assert week(of(site, queue_ids=frozenset({three.pk})), (), *codes) == {(): {"offered": 4, "solved": 40}}
    elsewhere = of(SiteFactory(), queue_ids=frozenset({three.pk}))
    assert week(elsewhere, (), *codes) == {}


def test_narrowed_to_team_and_person_reads_what_is_known_of_agents() -> None:
    team = TeamFactory()
    other = TeamFactory(programme=team.programme)
    site = team.programme.site
    ann, bea = PersonFactory(), PersonFactory()
    agent_day(team, ann, paid=100, promoters=2)
    agent_day(other, bea, paid=50)
    QueueDay.objects.create(site=site, day=MONDAY, queue=None, offered=9, paid=150)
    figure("solved", site, MONDAY, 12)
    figure("solved", site, MONDAY, 5, person=ann)
    codes = "paid", "promoters", "offered", "solved"
    whole = {"paid": 150, "promoters": None, "offered": 9, "solved": 12}
    assert week(of(site), (), *codes) == {(): whole}
    assert week(of(site, team_ids=frozenset({team.pk})), (), *codes) == {(): {"paid": 100, "promoters": 2}}
    in_person = {"paid": 100, "promoters": 2, "solved": 5}
    assert week(of(site, person_ids=frozenset({ann.pk})), (), *codes) == {(): in_person}
    assert week(of(site), ("team",), *codes) == {
        (team.pk,): {"paid": 100, "promoters": 2},
        (other.pk,): {"paid": 50, "promoters": None},
    }
    assert week(of(site), ("person",), *codes) == {(ann.pk,): in_person, (bea.pk,): {"paid": 50, "promoters": None}}
    in_programme = of(site, programme_ids=frozenset({team.programme_id}))
    assert week(in_programme, ("programme", "team"), "paid") == {
        (team.programme_id, team.pk): {"paid": 100},
        (team.programme_id, other.pk): {"paid": 50},
    }


def test_a_team_has_no_queues() -> None:
    team, queue = TeamFactory(), QueueFactory()
    agent_day(team, PersonFactory(), paid=100)
    site = team.programme.site
    assert week(of(site, team_ids=frozenset({team.pk})), ("queue",), "paid", "solved") == {}
    assert week(of(site, team_ids=frozenset({team.pk}), queue_ids=frozenset({queue.pk})), (), "paid") == {}
    with pytest.raises(ValueError, match="nothing is grouped by colour"):
        week(of(site), ("colour",), "paid")


def test_what_is_excluded_counts_only_when_asked_for() -> None:
    queue = QueueFactory()
    queue_day(queue, offered=10)
    queue_day(queue, excluded=True, offered=90)
    team, person = TeamFactory(programme=queue.programme), PersonFactory()
    agent_day(team, person, paid=10)
    agent_day(team, person, excluded=True, paid=5)
    scope = of(queue.programme.site)
    assert week(scope, ("site",), "offered") == {(queue.programme.site_id,): {"offered": 10}}
    assert week(scope, ("site",), "offered", excluded=True) == {(queue.programme.site_id,): {"offered": 100}}
    assert week(scope, ("team",), "paid") == {(team.pk,): {"paid": 10}}
    assert week(scope, ("team",), "paid", excluded=True) == {(team.pk,): {"paid": 15}}


def test_a_stock_is_its_last_day_in_each_group_added_over_places() -> None:
    queue = QueueFactory()
    site, other = queue.programme.site, SiteFactory()
    figure("backlog", site, MONDAY, 100)
    figure("backlog", site, MONDAY + timedelta(days=3), 40)
    figure("backlog", site, MONDAY + timedelta(days=1), 7, queue=queue)
    figure("backlog", other, MONDAY, 5)
    figure("backlog", other, SUNDAY + timedelta(days=1), 1000)
    both = of(site, other)
    assert week(both, (), "backlog") == {(): {"backlog": 52}}
    assert week(both, ("site",), "backlog") == {(site.pk,): {"backlog": 47}, (other.pk,): {"backlog": 5}}
    assert week(both, ("day",), "backlog") == {
        (MONDAY,): {"backlog": 105},
        (MONDAY + timedelta(days=1),): {"backlog": 7},
        (MONDAY + timedelta(days=3),): {"backlog": 40},
    }
    weeks = sums(both, MONDAY, SUNDAY + timedelta(days=7), ("week",), {"backlog"})
    assert weeks == {(MONDAY,): {"backlog": 52}, (SUNDAY + timedelta(days=1),): {"backlog": 1000}}


def test_a_stock_and_a_flow_stand_side_by_side() -> None:
    site = SiteFactory()
    for day, backlog, solved in ((MONDAY, 10, 3), (SUNDAY, 8, 4)):
        figure("backlog", site, day, backlog)
        figure("solved", site, day, solved)
    assert week(of(site), ("month",), "backlog", "solved") == {
        (date(2026, 11, 1),): {"backlog": Decimal(8), "solved": Decimal(7)}
    }


@pytest.mark.parametrize("sites", [1, 12])
def test_a_query_per_table_however_many_sites(sites: int, django_assert_num_queries: Any) -> None:
    made = [QueueFactory() for _number in range(sites)]
    for queue in made:
        queue_day(queue, offered=1)
        figure("backlog", queue.programme.site, MONDAY, 2)
        figure("solved", queue.programme.site, MONDAY, 2)
    scope = of(*(queue.programme.site for queue in made))
    # The components' own table, the daily sums, the figures: those that add up and the stocks.
    with django_assert_num_queries(3):
        found = week(scope, ("site", "day"), "offered", "backlog", "solved")
    assert len(found) == sites
