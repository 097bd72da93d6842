"""Tabs and columns of very many actions: counted to a cap, in as many queries as those of few, of what the reader sees."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reviews.models import Action
from reviews.queries import action_lists
from reviews.queries.scope import actions_visible_to, sight_of
from tests.escalations.pages_world import World, world
from tests.factories.partners import SiteFactory
from tests.factories.reviews import ActionFactory

pytestmark = pytest.mark.django_db
LIST, BOARD = "/reviews/actions/", "/reviews/actions/board/"
TAB = re.compile(r'tab=(\w+)"[^>]*>[^<]*<span class="count">([^<]+)</span>')
COLUMN = re.compile(r'<h2 id="col-(\w+)">[^<]*</h2><span class="push count">([^<]+)</span>')


@pytest.fixture
def made() -> World:
    return world()


def many(made: World, number: int, state: str) -> None:
    """So many more actions at the site, all in one state."""
    lead, maker, now = made.users["lead"].pk, made.users["coordinator"].pk, timezone.now()
    ended = {"done_by_id": lead, "done_at": now} if state in {"done", "verified"} else {}
    seen = {"verified_by_id": maker, "verified_at": now} if state == "verified" else {}
    Action.objects.bulk_create(
        Action(
            title=f"{state} {at}", site=made.site, side="partner", owner_id=lead, made_by_id=maker, due_at=now, state=state,
            **ended, **seen,
        )
        for at in range(number)
    )  # fmt: skip


def counted(made: World, who: str, url: str) -> dict[str, str]:
    """What the tabs or columns of a page say."""
    page = made.client(who).get(url).content.decode()
    return dict((TAB if url.startswith(LIST) and BOARD not in url else COLUMN).findall(page))


@pytest.mark.parametrize("who", ["manager", "lead", "auditor"])
def test_tabs_and_columns_say_that_there_are_more_than_a_thousand(made: World, who: str) -> None:
    for number, state in ((999, "open"), (1001, "verified"), (1, "done"), (2, "under_way"), (3, "dropped")):
        many(made, number, state)
    assert counted(made, who, LIST) == {"todo": "1,000+", "verify": "1", "closed": "1,000+"}
    assert counted(made, who, BOARD) == {"open": "999", "under_way": "2", "done": "1", "verified": "1,000+"}
    page = made.client(who).get(BOARD).content.decode()
    assert "987 more" in page
    assert 'tab=closed">All<span class="sr"> Verified</span>' in page
    assert counted(made, who, f"{LIST}?side=company") == {"todo": "0", "verify": "0", "closed": "0"}


def test_no_tab_is_counted_beyond_its_cap(made: World) -> None:
    many(made, 1003, "open")
    rows = actions_visible_to(made.actor("manager"), sight_of(made.actor("manager")))
    with CaptureQueriesContext(connection) as asked:
        assert action_lists.tab_counts(rows) == {"todo": 1001, "verify": 0, "closed": 0}
    assert len(asked) == 1
    assert asked[0]["sql"].count("LIMIT 1001") == 3


@pytest.mark.parametrize(("who", "of_list", "of_board"), [("manager", 11, 14), ("lead", 9, 12), ("auditor", 10, 13)])
def test_queries_of_the_pages(made: World, who: str, of_list: int, of_board: int) -> None:
    client = made.client(who)
    for state in ("open", "verified"):
        many(made, 60, state)
    found = []
    for url in (LIST, f"{LIST}?tab=closed", BOARD):
        client.get(url)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(url).status_code == 200
        found.append(len(asked))
    assert found[0] == found[1] <= of_list
    assert found[2] <= of_board


def test_sites_by_number_are_the_same_sight(made: World) -> None:
    """The manager sees a partner in whole, the lead one site of two, the auditor all, others nothing."""
    old = SiteFactory(partner=made.site.partner, archived_at=timezone.now())
    places = [
        {"site": made.site},
        {"site": made.other_site},
        {"site": old},
        {"site": SiteFactory(partner=made.site.partner)},
    ]
    whole = [
        {"site": None, "partner": made.site.partner},
        {"site": None, "partner": made.other_site.partner},
        {"site": None},
    ]
    for place in (*places, *whole):
        ActionFactory(title=str(place), **place)
    ActionFactory(site=made.other_site, owner=made.users["lead"])
    for who in made.users:
        actor = made.actor(who)
        seen = set(actions_visible_to(actor, sight_of(actor)).values_list("pk", flat=True))
        assert seen == set(actions_visible_to(actor).values_list("pk", flat=True)), who
    assert Action.objects.count() > len(actions_visible_to(made.actor("manager"), sight_of(made.actor("manager")))) > 3


def test_what_a_row_says_is_escaped(made: World) -> None:
    ActionFactory(site=made.site, title="<b>Coach</b>", owner=made.users["lead"], is_overdue=True)
    for url in (LIST, BOARD):
        page = made.client("manager").get(url).content.decode()
        assert "&lt;b&gt;Coach&lt;/b&gt;" in page
        assert "<b>Coach" not in page
        assert "Overdue</span>" in page
