"""Letters about comments: each once, to those who have the place when it is handed round and when it is sent, whatever happens in between."""

import re
import socket
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from portal.accounts.choices import Role
from portal.accounts.models import Membership
from portal.notifications.models import Notification, OutboxRow
from reviews.actions.packs import acknowledge, comment
from reviews.models import Subscription
from tests.factories.accounts import MembershipFactory
from tests.notifications import smtp
from tests.notifications.smtp import Sink

from .letter_world import Weekly, handed_round, send
from .pack_world import World, by, member

pytestmark = pytest.mark.django_db


def say(here: World, user: Any, text: str) -> None:
    comment(actor=by(user), pack_id=here.pack.pk, text=text, line_id=here.pack.lines.filter(needs_comment=True)[0].pk)


def voided(here: World) -> None:
    """The lead has acknowledged, and then somebody of the company says something more."""
    say(here, here.lead, "Two were ill.")
    acknowledge(actor=by(here.lead), pack_id=here.pack.pk, seen=here.seen)
    OutboxRow.objects.all().delete()
    say(here, here.manager, "And a storm.")


def told(what: str) -> list[str]:
    handed_round()
    rows = Notification.objects.select_related("recipient")
    return sorted(one.recipient.name for one in rows if one.params["what"] == what)


def test_what_comments_void_is_told_once_however_many_follow() -> None:
    here = World()
    voided(here)
    for text in ("More.", "Still more."):
        say(here, here.coordinator, text)
    queued = OutboxRow.objects.filter(payload__what="voided")
    assert len(queued) == len({one.idempotency_key for one in queued}) == 1
    assert told("voided") == ["Li Lead"]
    assert told("voided") == ["Li Lead"], "handed round again"
    acknowledge(actor=by(here.lead), pack_id=here.pack.pk, seen=here.seen)
    say(here, here.manager, "One thing more.")
    assert OutboxRow.objects.filter(payload__what="voided").values("idempotency_key").distinct().count() == 2, (
        "void anew"
    )


def gone(here: World) -> None:
    Membership.objects.filter(user=here.lead).update(ended_at=timezone.now())


def inactive(here: World) -> None:
    here.lead.is_active = False
    here.lead.save()


def moved(here: World) -> None:
    gone(here)
    MembershipFactory.create(user=here.lead, role=Role.PARTNER_LEAD, site=here.other)


LOST: list[Callable[[World], None]] = [gone, inactive, moved]


@pytest.mark.parametrize("lose", LOST)
def test_who_lost_the_site_before_it_is_handed_round_hears_nothing(lose: Callable[[World], None]) -> None:
    here = World()
    voided(here)
    lose(here)
    successor = member(Role.PARTNER_LEAD, site=here.site, name="Nia New")
    assert told("voided") == [successor.name]


@pytest.mark.parametrize("lose", LOST)
def test_who_lost_it_before_the_mail_is_sent_gets_none(lose: Callable[[World], None], sink: Sink) -> None:
    here = World()
    voided(here)
    assert told("voided") == ["Li Lead"]
    lose(here)
    send()
    assert sink.messages == []
    send()
    assert sink.messages == [], "and none later"


def test_a_recipient_who_was_removed_is_passed_over(sink: Sink) -> None:
    here = Weekly()
    here.published()
    Subscription.objects.filter(job=here.job, user=here.qa).delete()
    assert "Qi Quality" not in handed_round()["published"]
    send()
    assert here.qa.email not in {str(one["To"]) for one in sink.messages}


def test_a_mail_server_that_nobody_runs_is_waited_for(settings: Settings) -> None:
    here = World()
    voided(here)
    assert told("voided") == ["Li Lead"]
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    settings.MAILERS = {"default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": {"host": "127.0.0.1", "port": port, "timeout": 5},
    }}  # fmt: skip
    send()
    (row,) = OutboxRow.objects.filter(state="pending")
    assert row.attempts == 1
    assert re.search("refused|Refused", row.last_error)
    with smtp.running() as sink:
        settings.MAILERS = sink.mailers()
        for _round in range(3):
            send()
            handed_round()
        assert [str(one["To"]) for one in sink.messages] == [here.lead.email]
