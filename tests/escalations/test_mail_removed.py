"""Words that were removed while a worker had the letter in its hands: whoever takes it up next sends nothing."""

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone
from pytest_django import Settings

from escalations import actions
from escalations.models import OutboundMail, ServiceMailbox
from portal.notifications import tasks
from portal.notifications.delivery import outbox, sender
from portal.notifications.delivery.outbox import Claim
from portal.notifications.models import OutboxRow
from tests.escalations import post_office
from tests.escalations.mailing import box, files_root, made
from tests.escalations.pages_world import World
from tests.escalations.post_office import Post
from tests.factories.case_mail import case_of, receive

__all__ = ["box", "files_root", "made"]
pytestmark = pytest.mark.django_db
Write = Callable[[str], OutboundMail]


@pytest.fixture
def post(settings: Settings) -> Iterator[Post]:
    """A mail server on loopback."""
    with post_office.running() as running:
        settings.MAILERS = running.mailers()
        yield running


@pytest.fixture
def write(made: World, box: ServiceMailbox) -> Write:
    """Letters on one case."""
    case = case_of(receive(box, "One"))
    said: dict[str, Any] = {
        "to": "ming@guest.example.test",
        "subject": "About Mr. X",
        "actor": made.actor("service_lead"),
    }

    def written(text: str) -> OutboundMail:
        return OutboundMail.objects.get(entry=actions.send_mail(ref=case.pk, text=text, once=uuid.uuid4(), **said))

    return written


def remove(made: World, letter: OutboundMail) -> None:
    actions.redact_entry(actor=made.actor("service_lead"), ref=letter.entry.case_id, entry_id=letter.entry_id)


def row_of(letter: OutboundMail) -> OutboxRow:
    return OutboxRow.objects.get(idempotency_key=letter.key)


def killed(claim: Claim) -> None:
    """The worker is gone, and its lease has run out."""
    OutboxRow.objects.filter(pk__in=claim.ids).update(leased_until=timezone.now() - timedelta(seconds=1))


def put_off(claim: Claim) -> None:
    """The server was busy, and the letter's time has come again."""
    outbox.postpone(claim, "450 busy", 0)
    assert OutboxRow.objects.filter(pk__in=claim.ids, leased_until=None, state="pending").exists()


@pytest.mark.parametrize("ended", [killed, put_off])
def test_what_the_worker_could_not_send_is_not_sent_by_the_next_one(
    made: World, write: Write, post: Post, ended: Callable[[Claim], None]
) -> None:
    letter = write("Too much was said")
    (claim,) = outbox.claim_messages(20)
    remove(made, letter)
    assert not {"text", "html", "subject"} & set(row_of(letter).payload), "it is in the worker's memory alone"
    ended(claim)
    tasks.send()
    letter.refresh_from_db()
    row = row_of(letter)
    assert (post.got, letter.state, letter.error) == ([], "failed", "its words were removed")
    assert (row.state, row.last_error, row.discarded_at is None) == ("dead", "its words were removed", False)
    with pytest.raises(actions.Refused):
        actions.send_again(actor=made.actor("service_lead"), ref=letter.entry.case_id, entry_id=letter.entry_id)


def test_what_the_worker_has_not_come_to_yet_does_not_go(made: World, write: Write, post: Post) -> None:
    first, second = write("Harmless"), write("Too much was said")

    def removed_meanwhile() -> BaseEmailBackend:
        remove(made, second)
        return mail.mailers.default

    assert sender.send_batch(removed_meanwhile) == 2
    [message] = post.got
    assert "Harmless" in str(message.get_payload())
    assert list(OutboundMail.objects.order_by("pk").values_list("pk", "state")) == [
        (first.pk, "sent"),
        (second.pk, "failed"),
    ]


def test_what_is_refused_after_its_words_were_removed_stands_in_no_list_of_failures(
    made: World, write: Write, post: Post
) -> None:
    letter = write("Too much was said")
    (claim,) = outbox.claim_messages(20)
    remove(made, letter)
    assert outbox.bury(claim, "550 no such user")
    assert row_of(letter).discarded_at is not None
    kept = write("Harmless")
    post.answer = "550 no such user"
    tasks.send()
    assert (row_of(kept).state, row_of(kept).discarded_at) == ("dead", None)


def test_one_that_went_before_it_could_be_stopped_is_sent(made: World, write: Write, post: Post) -> None:
    letter = write("Too much was said")
    (claim,) = outbox.claim_messages(20)
    remove(made, letter)
    assert outbox.mark_sent(claim)
    row = row_of(letter)
    assert (row.state, {"text", "html", "subject"} & set(row.payload)) == ("sent", set())
