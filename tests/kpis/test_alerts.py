"""Signals are told once, to those who follow and may see the site, and never for too small a sample."""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kpis.actions.alerts import look_everywhere, look_for_signals
from kpis.models import AlertEvent, Annotation, DirtyBucket, QueueDay, SignalDue
from kpis.rules.periods import containing
from kpis.views.asked import Asked
from kpis.views.signal_tables import deliveries
from portal.accounts.actions import deactivate
from portal.accounts.choices import Role
from portal.accounts.models import Membership
from portal.accounts.rules import SYSTEM
from portal.notifications.delivery.fanout import fan_out_batch
from portal.notifications.delivery.sender import send_batch
from portal.notifications.models import Notification, OutboxRow
from tests.factories.partners import SiteFactory

from .following import LAST_WEEK, NOW, called_site, follower, kpi, steady_weeks, under_contract, week_of_calls

pytestmark = pytest.mark.django_db
RED, OUTSIDE = ("service-level", "red", "week"), ("service-level", "outside", "week")


def told() -> set[tuple[str, str, str]]:
    """What was told of so far."""
    return set(AlertEvent.objects.values_list("kpi__code", "kind", "grain"))


def again(in_time: int) -> int:
    """The last week's calls come in anew; how many signals are new."""
    QueueDay.objects.filter(day=LAST_WEEK).update(answered_in_t=in_time)
    look_everywhere()
    return look_for_signals(NOW)


def test_a_week_that_crosses_red_is_told_once() -> None:
    queue = called_site()
    under_contract(queue.programme.site)
    steady_weeks(queue, 690)
    assert look_for_signals(NOW) == 2
    assert told() == {RED, OUTSIDE}
    event = AlertEvent.objects.get(kind="red")
    assert (event.period, float(event.value)) == (LAST_WEEK, 0.69)
    assert (again(690), again(820), again(690)) == (0, 0, 0)


def test_nothing_changed_costs_one_query_for_the_mark() -> None:
    with CaptureQueriesContext(
        connection,
    ) as made:
        assert look_for_signals(NOW) == 0
    assert len([one for one in made if "kpis_" in one["sql"]]) == 1


def test_a_site_still_to_be_summed_up_waits() -> None:
    queue = called_site()
    under_contract(queue.programme.site)
    steady_weeks(queue, 690)
    dirty = DirtyBucket.objects.create(site=queue.programme.site, day=LAST_WEEK)
    assert look_for_signals(NOW) == 0
    assert SignalDue.objects.exists()
    dirty.delete()
    assert look_for_signals(NOW) == 2
    assert not SignalDue.objects.exists()


def test_too_small_a_sample_is_no_signal() -> None:
    queue = called_site()
    under_contract(queue.programme.site, minimum_n=5000)
    steady_weeks(queue, 100)
    assert look_for_signals(NOW) == 0


def test_staying_red_is_not_crossing_but_every_month_counts_anew() -> None:
    queue = called_site()
    under_contract(queue.programme.site)
    week_of_calls(queue, LAST_WEEK - timedelta(days=7), 600)
    week_of_calls(queue, LAST_WEEK, 610)
    assert look_for_signals(NOW) == 1
    assert told() == {("service-level", "red", "month")}


def test_a_control_signal_needs_no_contract_and_starts_anew_where_the_process_changed() -> None:
    queue = called_site()
    steady_weeks(queue, 690)
    site = queue.programme.site
    note = Annotation.objects.create(
        site=site, first_day=LAST_WEEK - timedelta(days=3), last_day=LAST_WEEK, kind="launch", text="New phones",
        rebases=True, made_by=follower(site),
    )  # fmt: skip
    assert look_for_signals(NOW) == 0
    note.withdrawn_at = timezone.now()
    note.save()
    assert again(690) > 0
    assert OUTSIDE in told()
    assert all(kind == "outside" for _kpi, kind, _grain in told())


def test_under_a_contract_only_what_it_names_and_what_is_followed_is_watched() -> None:
    queue = called_site()
    under_contract(queue.programme.site)
    follower(queue.programme.site, what=kpi("service-level-f3"))
    steady_weeks(queue, 690)
    look_for_signals(NOW)
    assert told() == {RED, OUTSIDE, ("service-level-f3", "outside", "week")}


def test_followers_read_of_it_in_the_inbox_and_in_a_mail_with_the_weeks() -> None:
    queue = called_site()
    site = queue.programme.site
    site.name, site.name_zh = "Cebu", "宿务"
    site.save()
    under_contract(site)
    english, chinese = follower(site), follower(site, everywhere=True, what=kpi())
    chinese.language = "zh-hans"
    chinese.save()
    steady_weeks(queue, 690)
    look_for_signals(NOW)
    fan_out_batch()
    assert set(Notification.objects.values_list("recipient", "count")) == {(english.pk, 2), (chinese.pk, 2)}
    OutboxRow.objects.update(not_before=timezone.now(), next_attempt_at=timezone.now())
    send_batch()
    sent = {message.to[0]: message for message in mail.outbox}
    assert set(sent) == {english.email, chinese.email}
    text, html = sent[english.email].body, sent[english.email].alternatives[0].content
    sentence = "Cebu: Service level is off target: 69.0% in Week 46, 2026 (target 80.0%)"
    assert sentence in text
    assert sentence in html
    assert html.count("<tr>") == 2 * 14
    assert html.count("◆") == 2
    assert "81.0%" in html
    assert "1,000" in html
    assert "宿务" in sent[chinese.email].body
    assert "<script" not in html
    shows_the_chart(sent[english.email], AlertEvent.objects.values_list("pk", flat=True))
    page = english_page(english)
    assert page.count("69.0%") == 2
    assert "Cebu" in page


def shows_the_chart(message: Any, events: Iterable[int]) -> None:
    """Each signal's picture travels beside the HTML, which shows it by its id and says what is on it."""
    built = message.message()
    assert [part.get_content_type() for part in built.iter_parts()] == ["text/plain", "multipart/related"]
    html, *pictures = built.get_body(("related",)).iter_parts()
    assert [(part.get_content_type(), part.get_content_disposition()) for part in pictures] == [
        ("image/png", "inline")
    ] * 2
    shown = re.findall(r'<img src="cid:([^"]+)" width="480" alt="([^"]+)">', html.get_content())
    assert sorted(f"<{cid}>" for cid, _alt in shown) == sorted(part["Content-ID"] for part in pictures)
    assert {cid for cid, _alt in shown} == {f"signal{pk}@portal" for pk in events}
    assert {
        "Service level was 69.0% in Wk 46, below the lower limit: a signal, not chance." in alt for _, alt in shown
    } == {True}
    assert all(part.get_content().startswith(b"\x89PNG") for part in pictures)


def english_page(user: Any, path: str = "/performance/alerts/") -> str:
    client = Client()
    client.force_login(user)
    return client.get(path).content.decode()


def test_the_inbox_leads_to_the_signal_with_its_chart() -> None:
    queue = called_site()
    site = queue.programme.site
    reader = follower(site)
    steady_weeks(queue, 690)
    look_for_signals(NOW)
    event = AlertEvent.objects.get(kpi__code="service-level", kind="outside")
    url = f"/performance/alerts/{event.pk}/"
    assert url in {one.url for one in deliveries([{"event": event.pk}])}
    page = english_page(reader, url)
    assert 'class="plot"' in page
    assert "below the lower limit" in page
    assert f"/performance/sites/{site.code}/?period=2026-W46&amp;kpi=service-level" in page
    assert f'href="{url}"' in english_page(reader)
    client = Client()
    client.force_login(follower(SiteFactory.create()))
    assert client.get(url).status_code == 404


def test_the_week_looked_at_is_the_last_whose_days_have_figures_as_on_the_scorecard() -> None:
    queue = called_site()
    under_contract(queue.programme.site)
    steady_weeks(queue, 690)
    # The last day of that week has not come in yet.
    newest = LAST_WEEK + timedelta(days=5)
    QueueDay.objects.filter(day__gt=newest).update(day=newest)
    assert Asked(containing("month", LAST_WEEK)).weeks(newest, NOW.date())[-1].first == LAST_WEEK - timedelta(days=7)
    look_for_signals(NOW)
    assert not AlertEvent.objects.filter(grain="week", period=LAST_WEEK).exists()


def test_who_lost_the_site_hears_nothing_and_reads_nothing() -> None:
    queue = called_site()
    site = queue.programme.site
    under_contract(site)
    moved, gone, agent, elsewhere = (follower(site) for _ in range(4))
    lead = follower(site, role=Role.PARTNER_LEAD)
    Membership.objects.filter(user=moved).update(site=SiteFactory.create())
    Membership.objects.filter(user=agent).update(role=Role.AGENT)
    Membership.objects.filter(user=elsewhere).update(ended_at=timezone.now())
    deactivate(actor=SYSTEM, user_id=gone.pk)
    steady_weeks(queue, 690)
    look_for_signals(NOW)
    fan_out_batch()
    assert set(Notification.objects.values_list("recipient", flat=True)) == {lead.pk}
    assert "69.0%" not in english_page(moved)
    # The lead loses it between the telling and the sending.
    Membership.objects.filter(user=lead).update(ended_at=timezone.now())
    OutboxRow.objects.update(not_before=timezone.now(), next_attempt_at=timezone.now())
    send_batch()
    assert mail.outbox == []
