"""Views are mailed as PDF, once each time, by the rights of the moment."""

import builtins
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.http import HttpResponseRedirect
from django.urls import ResolverMatch, resolve
from django.utils import timezone

from kpis.actions.saved_views import mail_view, send_mailings
from kpis.models import Mailing, SavedView
from kpis.rules.mailings import LAST
from kpis.views import pages_as_pdf
from kpis.views.pages_as_pdf import pdf_of
from kpis.views.saved import menu
from portal.accounts.actions import deactivate
from portal.accounts.choices import Role
from portal.accounts.models import Membership, User
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM
from portal.notifications.delivery.dispatch import dispatch_batch
from portal.notifications.models import OutboxRow
from tests.factories.partners import SiteFactory, user

from .following import called_site, steady_weeks, under_contract
from .test_saved_views import PAGE, client_of, coordinator, view_of

pytestmark = pytest.mark.django_db


def mailed(who: User, every: str = "day") -> Mailing:
    """A view of theirs that is mailed, due an hour ago."""
    made = mail_view(
        actor=actor_for(who),
        view_id=view_of(who).pk,
        every=every,
        weekday=0,
        monthday=1,
        at=time(8),
        time_zone="Europe/Berlin",
    )
    Mailing.objects.update(next_at=timezone.now() - timedelta(hours=1))
    return made


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
    at = mailing.next_at.astimezone(ZoneInfo("Europe/Berlin"))
    assert (at.hour, at.minute) == (8, 0)
    # On the wall: from one morning to the next may be 25 hours.
    assert at - timedelta(days=1) <= timezone.now() < at
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


def test_a_page_that_is_gone_ends_the_mailing_and_its_owner_is_told() -> None:
    who = coordinator()
    mailed(who)
    SavedView.objects.update(path="/performance/nothing/")
    send_mailings()
    dispatch_batch()
    (message,) = mail.outbox
    assert (message.to, message.subject, message.attachments) == ([who.email], "Mine is mailed no longer", [])
    assert f"/performance/views/{SavedView.objects.get().pk}/" in message.body
    assert not Mailing.objects.exists()


def test_a_deleted_view_is_sent_nothing() -> None:
    mailed(coordinator())
    send_mailings()
    SavedView.objects.all().delete()
    dispatch_batch()
    assert mail.outbox == []
    assert not OutboxRow.objects.filter(topic="kpis.mailing").exclude(state="sent").exists()


def test_a_page_that_leads_to_another_is_followed() -> None:
    """Whoever sees one site is led from the list of scorecards to the only one."""
    mailed(coordinator())
    SavedView.objects.update(path="/performance/sites/", query="")
    send_mailings()
    dispatch_batch()
    assert mail.outbox[0].attachments[0][1].startswith(b"%PDF-")
    assert Mailing.objects.exists()


@pytest.mark.parametrize("to", ["https://elsewhere.example/performance/", "/accounts/login/", "//x.example/", "."])
def test_a_page_that_leads_elsewhere_or_in_a_circle_is_not_followed(to: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mailed(coordinator())
    moved = ResolverMatch(lambda _request: HttpResponseRedirect(to), (), {}, namespaces=["kpis"])
    inside = PAGE if to == "." else ""
    monkeypatch.setattr(pages_as_pdf, "resolve", lambda path: moved if path in {PAGE, inside} else resolve(path))
    send_mailings()
    dispatch_batch()
    assert [message.attachments for message in mail.outbox] == [[]]
    assert not Mailing.objects.exists()


def test_monthly_on_a_chosen_day_by_the_page() -> None:
    who = coordinator()
    view, client = view_of(who), client_of(who)
    url = f"/performance/views/{view.pk}/mail/"
    for monthday, kept in (("15", 15), ("31", LAST), ("", 1)):
        client.post(url, {"every": "month", "monthday": monthday, "at": "08:00"})
        assert Mailing.objects.get().monthday == kept
    assert client.post(url, {"every": "month", "monthday": "29", "at": "08:00"}).status_code == 422
    with pytest.raises(IntegrityError), transaction.atomic():
        Mailing.objects.update(monthday=29)


def test_weekly_on_a_chosen_day_by_the_page() -> None:
    who = coordinator()
    view = view_of(who)
    client = client_of(who)
    for weekday in ("0", "6", ""):
        client.post(f"/performance/views/{view.pk}/mail/", {"every": "week", "weekday": weekday, "at": "08:00"})
        mailing = Mailing.objects.get()
        assert mailing.weekday == int(weekday or 0)
        assert mailing.next_at.astimezone(ZoneInfo(who.time_zone)).weekday() == mailing.weekday
    assert "Stop mailing" in client.get(f"/performance/views/{view.pk}/edit/").content.decode()
    client.post(f"/performance/views/{view.pk}/stop/")
    assert not Mailing.objects.exists()


def test_without_pango_it_waits_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    mailed(coordinator())
    send_mailings()
    monkeypatch.setattr("builtins.__import__", _without_pango)
    dispatch_batch()
    monkeypatch.undo()
    row = OutboxRow.objects.get(topic="kpis.mailing")
    assert (row.state, "Pango is missing here" in row.last_error, mail.outbox) == ("pending", True, [])


_import = builtins.__import__


def _without_pango(name: str, *args: Any, **kwargs: Any) -> Any:
    if name.startswith("weasyprint"):
        raise OSError("Pango is missing here")
    return _import(name, *args, **kwargs)


def test_the_menu_saves_the_page_as_it_stands() -> None:
    who = coordinator()
    view_of(who)
    found = menu(actor_for(who), f"{PAGE}?period=2026-W46")
    assert found is not None
    assert (found["path"], found["query"], found["may_save"], len(found["views"])) == (PAGE, "period=2026-W46", True, 1)
    assert menu(actor_for(user(Role.AGENT, site=SiteFactory.create())), PAGE) is None


@pytest.mark.parametrize("page", ["/performance/", "/performance/sites/{code}/"])
def test_pages_of_figures_are_drawn(page: str) -> None:
    queue = called_site()
    site = queue.programme.site
    site.name, site.name_zh = "Cebu", "宿务站点"
    site.save()
    under_contract(site)
    steady_weeks(queue, 690)
    who = user(Role.COORDINATOR, site=site)
    who.language = "zh-hans"
    who.save()
    view = SavedView.objects.create(user=who, name="Mine", path=page.format(code=site.code), query="period=2026-W46")
    drawn = pdf_of(view, who, actor_for(who))
    assert drawn.startswith(b"%PDF-")
