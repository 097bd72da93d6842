"""Login limits go on counting while Valkey is away."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client, override_settings

from portal.accounts import limits_cache
from portal.accounts.limits_cache import FallbackCache
from tests.factories.accounts import PASSWORD, UserFactory

# A port on which nobody listens.
NOWHERE = "redis://127.0.0.1:1/0"
AWAY = {"default": {"BACKEND": "portal.accounts.limits_cache.FallbackCache", "LOCATION": NOWHERE}}


@pytest.fixture
def away(db: None) -> FallbackCache:
    return FallbackCache(NOWHERE, {})


def test_without_a_server_it_is_a_cache_all_the_same(away: FallbackCache) -> None:
    assert away.get("a", "nothing") == "nothing"
    away.set("a", [1, 2], 60)
    assert away.get("a") == [1, 2]
    assert away.add("a", 3, 60) is False
    assert away.add("b", 3, 60) is True
    assert away.touch("b", 60) is True
    assert away.delete("b") is True
    assert away.get("b") is None
    away.clear()
    assert away.get("a") is None
    away.close()


@pytest.mark.django_db
@pytest.mark.parametrize("where", ["server", "table"])
def test_it_counts_from_one_on_and_forgets(where: str) -> None:
    counting: Any = cache if where == "server" else FallbackCache(NOWHERE, {})
    counting.delete("counted")
    assert [counting.count("counted", 1) for _ in range(3)] == [1, 2, 3]
    assert counting.get("counted") == 3
    assert counting.touch("counted", 0) is True
    assert counting.count("counted", 60) == 1


def test_it_does_not_knock_again_at_once(away: FallbackCache, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(limits_cache.time, "monotonic", lambda: now[0])
    knocks = []
    real = away._primary.get

    def knock(*args: Any, **kwargs: Any) -> Any:
        knocks.append(now[0])
        return real(*args, **kwargs)

    monkeypatch.setattr(away._primary, "get", knock)
    for moment in (100.0, 101.0, 104.9, 105.0, 106.0):
        now[0] = moment
        away.get("a")
    assert knocks == [100.0, 105.0]


def test_a_fault_of_ours_is_not_hidden(away: FallbackCache, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> Any:
        raise TypeError("ours")

    monkeypatch.setattr(away._primary, "get", broken)
    with pytest.raises(TypeError):
        away.get("a")


@pytest.mark.django_db
def test_with_a_server_the_table_stays_empty() -> None:
    cache.set("a", 1, 60)

    assert cache.get("a") == 1
    assert FallbackCache(NOWHERE, {}).get("a") is None


@pytest.mark.django_db
def test_five_failures_count_without_a_server(client: Client) -> None:
    user = UserFactory()
    with override_settings(CACHES=AWAY):
        for _ in range(5):
            page = client.post("/accounts/login/", {"login": user.email, "password": "wrong"})
            assert "do not fit together" in page.content.decode()
        page = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
        assert "Too many failed attempts" in page.content.decode()
