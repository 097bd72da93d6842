"""Saved views are their owner's alone, lead to pages of this wing alone, and are mailed by the rights of the moment."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from kpis.models import Follow, Mailing, SavedView
from portal.accounts.choices import Role
from portal.accounts.models import User
from tests.factories.partners import SiteFactory, user

from .following import kpi

pytestmark = pytest.mark.django_db
PAGE = "/performance/alerts/"
LATER = datetime(2030, 1, 1, tzinfo=UTC)


def client_of(who: User) -> Client:
    """A browser of somebody."""
    client = Client()
    client.force_login(who)
    return client


def view_of(who: User, name: str = "Mine") -> SavedView:
    """A view they saved."""
    return SavedView.objects.create(user=who, name=name, path=PAGE, query="a=1")


def coordinator() -> Any:
    return user(Role.COORDINATOR, site=SiteFactory.create())


def test_an_address_is_saved_opened_renamed_and_deleted() -> None:
    who = coordinator()
    client = client_of(who)
    client.post("/performance/views/save/", {"name": "Mondays", "path": PAGE, "query": "cursor=&x=ü&y=1"})
    view = SavedView.objects.get(user=who)
    assert "Mondays" in client.get("/performance/views/").content.decode()
    assert client.get(f"/performance/views/{view.pk}/").headers["Location"] == f"{PAGE}?cursor=&x=%C3%BC&y=1"
    client.post(f"/performance/views/{view.pk}/rename/", {"name": "Tuesdays"})
    assert "Tuesdays" in client.get(f"/performance/views/{view.pk}/edit/").content.decode()
    client.post(f"/performance/views/{view.pk}/delete/")
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    "path",
    ["/directory/sites/", "https://evil.test/performance/alerts/", "//evil.test/", "/performance/views/1/", "", "/performance/nope/",
     "/performance/alerts/follow/", "\0", "/performance/../account/", "javascript:alert(1)"],
)  # fmt: skip
def test_only_pages_of_this_wing_are_saved(path: str) -> None:
    answer = client_of(coordinator()).post("/performance/views/save/", {"name": "Bad", "path": path, "query": ""})
    assert answer.status_code == 400
    assert not SavedView.objects.exists()


def test_a_name_is_used_once_and_bad_input_is_said() -> None:
    who = coordinator()
    view_of(who)
    client = client_of(who)
    taken = client.post("/performance/views/save/", {"name": "Mine", "path": PAGE})
    assert (taken.status_code, "You have a view of this name already." in taken.content.decode()) == (422, True)
    assert client.post("/performance/views/save/", {"name": "x" * 81, "path": PAGE}).status_code == 422
    pk = SavedView.objects.get().pk
    assert client.post(f"/performance/views/{pk}/rename/", {"name": ""}).status_code == 422
    bad = client.post(f"/performance/views/{pk}/mail/", {"every": "hour", "weekday": "9", "at": "25:00"})
    assert (bad.status_code, Mailing.objects.exists()) == (422, False)


def test_nobody_elses_view_exists() -> None:
    view, stranger = view_of(coordinator()), client_of(coordinator())
    for page in ("", "edit/"):
        assert stranger.get(f"/performance/views/{view.pk}/{page}").status_code == 404
    for verb in ("rename", "delete", "mail", "stop"):
        assert stranger.post(f"/performance/views/{view.pk}/{verb}/", {"name": "Theirs"}).status_code == 404
    assert SavedView.objects.get().name == "Mine"


def test_following_is_ones_own_and_within_ones_sites() -> None:
    who = coordinator()
    other, client = SiteFactory.create(), client_of(who)
    client.post("/performance/alerts/follow/", {"site": "", "kpi": kpi().pk})
    client.post("/performance/alerts/follow/", {"site": "", "kpi": kpi().pk})
    assert Follow.objects.filter(user=who).count() == 1
    assert client.post("/performance/alerts/follow/", {"site": other.pk}).status_code == 422
    follow = Follow.objects.get()
    assert client_of(coordinator()).post(f"/performance/alerts/{follow.pk}/unfollow/").status_code == 404
    client.post(f"/performance/alerts/{follow.pk}/unfollow/")
    assert not Follow.objects.exists()
