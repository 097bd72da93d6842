"""Workers at once tell of a signal once, and send a mailing once."""

from datetime import time

from kpis.actions.alerts import look_everywhere, look_for_signals
from kpis.actions.saved_views import send_mailings
from kpis.models import AlertEvent, Mailing, SavedView, SignalDue
from portal.accounts.choices import Role
from portal.notifications.delivery.fanout import fan_out_batch
from portal.notifications.models import Notification, OutboxRow
from tests.access_requests.test_deciding_races import at_once
from tests.databases import Database
from tests.factories.partners import SiteFactory, user

from .following import NOW, called_site, follower, steady_weeks, under_contract


def test_four_workers_look_at_the_same_sites(fresh_database: Database) -> None:
    queues = [called_site() for _ in range(3)]
    for queue in queues:
        under_contract(queue.programme.site)
        steady_weeks(queue, 690)
        follower(queue.programme.site)
    for _round in range(3):
        look_everywhere()
        look_everywhere()
        found = at_once(*[lambda: look_for_signals(NOW)] * 4)
        assert sum(found) == (6 if _round == 0 else 0)
    assert AlertEvent.objects.count() == 6
    assert not SignalDue.objects.exists()
    assert OutboxRow.objects.filter(topic="fanout").count() == 6
    at_once(fan_out_batch, fan_out_batch)
    assert Notification.objects.count() == 3


def test_four_workers_send_the_same_mailings(fresh_database: Database) -> None:
    people = [user(Role.COORDINATOR, site=SiteFactory.create()) for _ in range(60)]
    for one in people:
        view = SavedView.objects.create(user=one, name="Mine", path="/performance/alerts/")
        Mailing.objects.create(view=view, every="day", at=time(8), time_zone="Asia/Shanghai", next_at=NOW)
    found = at_once(*[lambda: send_mailings(NOW)] * 4)
    assert sum(found) == len(people)
    assert OutboxRow.objects.filter(topic="kpis.mailing").count() == len(people)
    assert not Mailing.objects.filter(next_at__lte=NOW).exists()
