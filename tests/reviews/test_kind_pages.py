"""Kinds of review by their pages: sections on and off, their order and options; from the next pack on."""

from typing import Any

import pytest
from django.test import Client

from portal.accounts.choices import Role
from reviews.models import ReviewKind
from reviews.queries.sections import SECTIONS
from tests.factories.partners import SiteFactory, user
from tests.factories.reviews import ReportJobFactory, kind_of
from tests.reviews.packing import frozen_pack

pytestmark = pytest.mark.django_db
URL = "/reviews/kinds/"


@pytest.fixture
def client() -> Client:
    found = Client()
    found.force_login(user(Role.COORDINATOR, site=SiteFactory.create()))
    return found


def sections(code: str = "weekly") -> list[tuple[str, dict[str, Any]]]:
    return list(kind_of(code).sections.order_by("position").values_list("code", "options"))


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_sections_are_chosen_put_in_order_and_told_how(client: Client) -> None:
    before = frozen_pack(SiteFactory.create())
    page = text_of(client.get(f"{URL}weekly/change/"))
    assert page.count("checked") == len([code for code, _options in sections() if code in SECTIONS])
    chosen = {"scorecard-on": "on", "scorecard-position": "2", "summary-on": "on", "summary-position": "1", "summary-movers": "5",
              "volume-on": "on", "version": "1", "name": "Weekly pack", "name_zh": "周报"}  # fmt: skip
    client.post(f"{URL}weekly/change/", chosen)
    assert sections() == [("summary", {"movers": 5}), ("scorecard", {}), ("volume", {})]
    after = frozen_pack(SiteFactory.create())
    assert [one["code"] for one in after.data["sections"]] == ["summary", "scorecard", "volume"]
    before.refresh_from_db()
    assert len(before.data["sections"]) > 3
    assert "Summary, Scorecard, Volume" in text_of(client.get(URL))


def test_what_cannot_be_is_said(client: Client) -> None:
    kept = sections()
    for wrong, said in (
        ({}, "Choose at least one section."),
        ({"summary-on": "on", "summary-movers": "11"}, "less than or equal to 10"),
        ({"summary-on": "on", "summary-position": "0"}, "greater than or equal to 1"),
    ):
        answer = client.post(f"{URL}weekly/change/", {"version": "1", "name": "Weekly", **wrong})
        assert answer.status_code == 422
        assert said in text_of(answer)
    assert sections() == kept
    assert (
        client.post(f"{URL}weekly/change/", {"version": "9", "name": "Weekly", "summary-on": "on"}).status_code == 409
    )


def test_a_new_kind_and_its_end(client: Client) -> None:
    typed = {"code": "flash", "rhythm": "week", "name": "Flash", "summary-on": "on"}
    client.post(f"{URL}new/", typed)
    assert sections("flash") == [("summary", {})]
    assert "Another kind of review has this code." in text_of(client.post(f"{URL}new/", typed))
    assert client.post(f"{URL}new/", {**typed, "code": "No Code"}).status_code == 422
    client.post(f"{URL}flash/archive/")
    assert ReviewKind.objects.get(code="flash").archived_at
    client.post(f"{URL}flash/restore/")
    assert ReviewKind.objects.get(code="flash").archived_at is None


def test_a_kind_that_jobs_use_is_not_archived(client: Client) -> None:
    ReportJobFactory.create()
    assert "Jobs use this kind." in text_of(client.post(f"{URL}weekly/archive/", follow=True))
    assert kind_of().archived_at is None
