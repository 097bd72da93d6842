"""Saved views are their owner's alone, lead to pages of this wing alone, and are mailed by the rights of the moment."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from kpis.actions.saved_views import mail_view, send_mailings
from kpis.models import Follow, Mailing, SavedView
from portal.accounts.actions import deactivate
from portal.accounts.choices import Role
from portal.accounts.models import Membership, User
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM
from portal.notifications.delivery.dispatch import dispatch_batch
from portal.notifications.models import OutboxRow
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


def mailed(who: User, every: str = "day") -> Mailing:
    """A view of theirs that is mailed, due an hour ago."""
    made = mail_view(
        actor=actor_for(who), view_id=view_of(who).pk, every=every, weekday=0, at=time(8), time_zone="Europe/Berlin"
    )
    Mailing.objects.update(next_at=timezone.now() - timedelta(hours=1))
    return made


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


def test_a_view_is_mailed_as_a_pdf_and_moves_on_once() -> None:
    who = coordinator()
    mailing = mailed(who)
    Mailing.objects.update(next_at=timezone.now() - timedelta(days=40))
    assert (send_mailings(), send_mailings()) == (1, 0)
    dispatch_batch()
    message = mail.outbox[0]
    name, body, kind = message.attachments[0]
    assert (message.to, message.subject, kind) == ([who.email], "Mine", "application/pdf")
    assert name.startswith("performance-alerts-")
    assert body.startswith(b"%PDF-")
    mailing.refresh_from_db()
    assert timezone.now() < mailing.next_at <= timezone.now() + timedelta(days=1)
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("lost", ["deactivated", "role", "membership"])
def test_who_may_not_read_any_more_is_sent_nothing_and_the_mailing_ends(lost: str) -> None:
    who = coordinator()
    mailed(who)
    send_mailings()
    if lost == "deactivated":
        deactivate(actor=SYSTEM, user_id=who.pk)
    elif lost == "role":
        Membership.objects.filter(user=who).update(role=Role.AGENT)
    else:
        Membership.objects.filter(user=who).update(ended_at=timezone.now())
    dispatch_batch()
    assert mail.outbox == []
    assert not Mailing.objects.exists()


def test_a_page_that_is_gone_ends_the_mailing_and_a_deleted_view_is_sent_nothing() -> None:
    mailed(coordinator())
    SavedView.objects.update(path="/performance/nothing/")
    send_mailings()
    dispatch_batch()
    assert (mail.outbox, Mailing.objects.exists()) == ([], False)
    mailed(coordinator())
    send_mailings()
    SavedView.objects.all().delete()
    dispatch_batch()
    assert mail.outbox == []
    assert not OutboxRow.objects.filter(topic="kpis.mailing").exclude(state="sent").exists()
