"""The side navigation as the wings filled it."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from portal.accounts.rules import Actor, Standing
from portal.ui import registry
from portal.ui.context import navigation
from portal.ui.registry import NavItem

ADMIN = Actor(1, standings=(Standing("administrator"),))


def test_every_entry_leads_to_a_page_and_no_letter_to_two() -> None:
    items = registry.registered_nav()
    assert [reverse(item.url_name) for item in items]
    letters = sorted({(item.go, item.url_name) for item in items if item.go})
    assert [letter for letter, _page in letters] == sorted({item.go for item in items if item.go})


def shown(path: str, monkeypatch: pytest.MonkeyPatch, *items: NavItem) -> list[tuple[str, bool]]:
    monkeypatch.setattr(registry, "_nav", {item.key: item for item in items})
    request: Any = SimpleNamespace(path=path, actor=ADMIN)
    return [(link.key, link.current) for group in navigation(request) for link in group.links]


def test_the_open_page_is_marked_by_the_longest_address(monkeypatch: pytest.MonkeyPatch) -> None:
    day = NavItem("", "day", "My day", "home:day", "home", 0)
    inbox = NavItem("", "inbox", "Inbox", "notifications:inbox", "bell", 1, also=("/cases/",))
    failed = NavItem("", "failed", "Failed", "notifications:failed", "over", 2)
    marked = {
        path: [key for key, current in shown(path, monkeypatch, day, inbox, failed) if current]
        for path in ("/", "/inbox/", "/inbox/failed/", "/cases/EC-1/", "/elsewhere/")
    }
    assert marked == {
        "/": ["day"],
        "/inbox/": ["inbox"],
        "/inbox/failed/": ["failed"],
        "/cases/EC-1/": ["inbox"],
        "/elsewhere/": [],
    }


def test_an_entry_without_a_page_does_not_take_the_others_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    day = NavItem("", "day", "My day", "home:day", "home", 0)
    lost = NavItem("work", "lost", "Lost", "nowhere:page", "flag", 1)
    assert shown("/", monkeypatch, day, lost) == [("day", True)]
