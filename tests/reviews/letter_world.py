"""A site's weekly pack with subscribers, and its news handed round and sent."""

from datetime import date, timedelta

from django.utils import timezone

from portal.notifications import tasks
from portal.notifications.delivery.fanout import fan_out_batch
from portal.notifications.models import Notification, OutboxRow
from reviews.actions.packs import acknowledge, comment, publish
from reviews.models import Line, Pack, Subscription
from tests.factories.reviews import ReportJobFactory

from .pack_world import World, by
from .packing import a_site, frozen_pack


class Weekly(World):
    """A site's weekly pack of real figures, with a job that a reader of Chinese and somebody elsewhere are subscribed to."""

    def __init__(self) -> None:
        super().__init__(
            site=a_site(level=0.5, name="Chengdu", name_zh="成都"),
            first_day=date(2026, 10, 26),
            last_day=date(2026, 11, 1),
        )
        self.job = ReportJobFactory.create(site=self.site)
        self.qa.language = "zh-hans"
        self.qa.save()
        for user in (self.qa, self.stranger, self.manager):
            Subscription.objects.create(job=self.job, user=user)
        self.pack = frozen_pack(self.site, job=self.job)
        OutboxRow.objects.exclude(payload__pack=self.pack.pk).delete()

    def published(self) -> Pack:
        for line in Line.objects.filter(pack=self.pack, needs_comment=True):
            comment(actor=by(self.lead), pack_id=self.pack.pk, text="Two were ill.", line_id=line.pk)
        for user in (self.lead, self.coordinator):
            acknowledge(actor=by(user), pack_id=self.pack.pk, seen=self.seen)
        return publish(actor=by(self.manager), pack_id=self.pack.pk, seen=self.seen)


def handed_round() -> dict[str, set[str]]:
    """What was told, by whom it reached; told anew."""
    while fan_out_batch():
        pass
    found: dict[str, set[str]] = {}
    for one in Notification.objects.select_related("recipient"):
        found.setdefault(str(one.params["what"]), set()).add(one.recipient.name)
    return found


def send() -> None:
    """Send what is due now, and what would be later."""
    past = timezone.now() - timedelta(days=1)
    OutboxRow.objects.filter(state="pending").update(not_before=past, next_attempt_at=past)
    tasks.send()
