"""The health endpoints."""

import json

import pytest
from django.db import OperationalError
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from portal.home import health
from sla.registry import kinds


def test_healthz_answers_without_database(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_readyz_tells_what_it_depends_on_and_how_far_behind_the_workers_are(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    # One look into the index per kind of subject that has clocks.
    with django_assert_max_num_queries(4 + len(list(kinds()))):
        response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "database": "ok",
        "broker": "ok",
        "virus_scan": "off",
        "oldest_due_clock_seconds": 0.0,
        "oldest_unsent_seconds": 0.0,
    }


@pytest.mark.django_db
def test_a_lost_broker_is_stated_and_the_pages_go_on(client: Client, settings: pytest.FixtureRequest) -> None:
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["status"] == "degraded"
    assert response.json()["broker"] == "down"


def test_a_lost_database_is_503(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError("no connection")

    monkeypatch.setattr(health.connection, "cursor", away)
    monkeypatch.setattr(health.transaction, "atomic", away)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert json.loads(response.content) == {"status": "down", "database": "down"}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_read_only(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


@pytest.mark.django_db
def test_the_ages_are_those_of_the_oldest_that_waits(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.sla, "oldest_due_age", lambda: 61.25)
    monkeypatch.setattr(health.notifications, "oldest_unsent_age", lambda: 7.0)
    found = client.get("/readyz").json()
    assert (found["oldest_due_clock_seconds"], found["oldest_unsent_seconds"]) == (61.2, 7.0)
