"""Lists of fifty thousand actions are read by index, and the filter's people are asked for one action each."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from portal.accounts.rules import Actor
from portal.ui.pagination import keyset_page
from reviews.models import Action
from reviews.queries import action_lists
from reviews.queries.scope import actions_visible_to, sight_of
from tests.escalations.pages_world import World, world
from tests.reviews.action_world import done, raised

pytestmark = pytest.mark.django_db
_MORE = """
INSERT INTO reviews_action (version, title, text, site_id, side, owner_id, due_at, state, is_overdue, source, period, made_by_id, created_at,
                            evidence, done_by_id, done_at, verified_by_id, verified_at)
SELECT 1, 'Action ' || n, '', %(site)s, 'partner', %(owner)s, now() + n * interval '1 minute', given.state, false, 'other', '', %(maker)s,
       now() - n * interval '1 minute', '', CASE WHEN given.state IN ('done', 'verified') THEN %(owner)s::bigint END,
       CASE WHEN given.state IN ('done', 'verified') THEN now() END,
       CASE WHEN given.state = 'verified' THEN %(maker)s::bigint END,
       CASE WHEN given.state = 'verified' THEN now() - n * interval '1 minute' END
  FROM generate_series(1, 500) AS n,
       LATERAL (SELECT (ARRAY['open', 'under_way', 'done', 'verified', 'dropped'])[1 + n %% 5] AS state) AS given
"""


@pytest.fixture
def many() -> World:
    made = world()
    people = {"site": made.site.pk, "owner": made.users["lead"].pk, "maker": made.users["coordinator"].pk}
    with connection.cursor() as cursor:
        cursor.execute(_MORE, people)
    return made


def in_sight(actor: Actor) -> QuerySet[Action]:
    """As the pages ask for them."""
    return actions_visible_to(actor, sight_of(actor))


def plan_of(sql: str) -> str:
    """How it would be read if there were many more: by an index in its order, if there is one."""
    with connection.cursor() as cursor:
        for way in ("enable_seqscan", "enable_bitmapscan", "enable_sort"):
            cursor.execute(f"SET LOCAL {way} = off")
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(line for (line,) in cursor.fetchall())


def asked(read: Callable[[], object]) -> list[str]:
    """The statements of one reading."""
    with CaptureQueriesContext(connection) as caught:
        read()
    return [one["sql"] for one in caught.captured_queries]


@pytest.mark.parametrize(
    ("tab", "index"), [("todo", "action_live"), ("verify", "action_live"), ("closed", "action_ended")]
)
@pytest.mark.parametrize("who", ["auditor", "manager"])
def test_a_page_of_a_list_is_read_in_its_order(many: World, who: str, tab: str, index: str) -> None:
    listed, order = action_lists.listed(in_sight(many.actor(who)), tab)
    [sql] = asked(lambda: keyset_page(listed, order=order))
    plan = plan_of(sql)
    assert f"using {index} on" in plan
    assert "Sort" not in plan


@pytest.mark.parametrize("who", ["auditor", "manager"])
def test_each_column_of_the_board_is_read_in_its_order(many: World, who: str) -> None:
    rows = in_sight(many.actor(who))
    _counts, *columns = asked(lambda: action_lists.board(rows))
    plans = [plan_of(sql) for sql in columns]
    indexes = ["action_live", "action_live", "action_live", "action_verified_last"]
    for plan, index in zip(plans, indexes, strict=True):
        assert f"using {index} on" in plan
        assert "Sort" not in plan


def test_owners_are_found_by_one_look_at_an_index_each(many: World) -> None:
    rows = in_sight(many.actor("manager"))
    [sql] = asked(lambda: action_lists.owners_of(rows))
    plan = plan_of(sql)
    assert "using action_live_owner on" in plan
    assert "using user_by_name on" in plan
    assert "Sort" not in plan


def test_the_filter_offers_owners_of_what_is_still_to_do_by_name() -> None:
    made = world()
    raised(made)
    done(made, raised(made, owner="manager"), by="manager")
    names = [name for _pk, name in action_lists.owners_of(in_sight(made.actor("coordinator")))]
    assert names == ["Lead", "Manager"]
    assert action_lists.owners_of(in_sight(made.actor("foreign_lead"))) == []
