"""What wings hang into the shell."""

import pytest

from portal.accounts.rules import ANONYMOUS, SYSTEM, Actor, Standing
from portal.ui import registry
from portal.ui.registry import NavItem, Panel, SearchHit, SearchSource

ADMIN = Actor(1, standings=(Standing("administrator"),))
AGENT = Actor(2, standings=(Standing("partner_agent", site_id=1),))


@pytest.fixture(autouse=True)
def _empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_nav", {})
    monkeypatch.setattr(registry, "_searches", {})


def test_navigation_shows_what_the_actor_may_open_in_order() -> None:
    registry.register_nav(
        NavItem("admin", "users", "Users", "x:users", "users", 1, visible=lambda a: a.has("administrator"))
    )
    registry.register_nav(NavItem("work", "queue", "Queue", "x:queue", "inbox", 2))
    registry.register_nav(NavItem("work", "mine", "Mine", "x:mine", "user", 1))

    def keys(actor: Actor) -> list[tuple[str, list[str]]]:
        return [(key, [item.key for item in items]) for key, _heading, items in registry.nav_for(actor)]

    assert keys(ADMIN) == [("work", ["mine", "queue"]), ("admin", ["users"])]
    assert keys(AGENT) == [("work", ["mine", "queue"])]
    assert keys(ANONYMOUS) == keys(SYSTEM) == []


def test_mistakes_are_found_at_start() -> None:
    with pytest.raises(ValueError, match="unknown navigation group"):
        registry.register_nav(NavItem("nowhere", "x", "X", "x", "x", 1))
    item = NavItem("work", "queue", "Queue", "x:queue", "inbox", 2)
    registry.register_nav(item)
    registry.register_nav(item)  # `ready` may run twice
    with pytest.raises(ValueError, match="taken"):
        registry.register_nav(NavItem("work", "queue", "Other", "x:queue", "inbox", 2))


def test_panels_come_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_panels", {"case": {}})
    for key, order in (("late", 9), ("early", 1)):
        registry.register_panel("case", Panel(key, order, "x.html", lambda _actor, _obj: {}))
    assert [panel.key for panel in registry.panels_of("case")] == ["early", "late"]
    assert registry.panels_of("elsewhere") == []


def test_search_asks_everyone_and_shows_who_found_something() -> None:
    hit = SearchHit("EC-1", "Payments", "/cases/EC-1/", "inbox")
    registry.register_search(
        SearchSource("cases", "Cases", lambda _actor, text, limit: [hit] * limit if text == "ec" else [])
    )
    registry.register_search(SearchSource("people", "People", lambda *_args: []))
    assert [(group.key, len(group.hits)) for group in registry.search_everything(ADMIN, "ec", 3)] == [("cases", 3)]
    assert registry.search_everything(ADMIN, "zz", 3) == []
