"""A mail as the answer by law: one that did not arrive is no proof."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from escalations import actions
from escalations.models import OutboundMail, ServiceMailbox
from tests.escalations.mailing import box, files_root, made
from tests.escalations.pages_world import World
from tests.factories.case_mail import case_of, receive
from tests.factories.statutory import ACK, jurisdiction_with

__all__ = ["box", "files_root", "made"]
pytestmark = pytest.mark.django_db


def test_a_mail_that_comes_back_is_said_beside_the_answer_and_cannot_be_named_again(
    made: World, box: ServiceMailbox
) -> None:
    case = case_of(receive(box, "I complain."))
    worker, client = made.actor("associate"), made.client("associate")
    deadlines = reverse("escalations:case-deadlines", args=[case.ref])
    received = timezone.now() - timedelta(days=1)
    actions.regulate(
        actor=worker, ref=case.pk, jurisdiction_id=jurisdiction_with(ack=5, final=56).pk, received_at=received
    )
    entry = actions.send_mail(
        actor=worker,
        ref=case.pk,
        to="ming@guest.example.test",
        subject="Received",
        text="We have it.",
        once=uuid.uuid4(),
    )
    assert f'value="{entry.pk}"' in client.get(deadlines).text
    actions.answer_by_law(actor=worker, ref=case.pk, duties=[ACK], contact_id=entry.pk)
    assert "Came back" not in client.get(deadlines).text
    letter = OutboundMail.objects.get(entry=entry)
    receive(box, "550", headers={"In-Reply-To": letter.message_id}, sender="MAILER-DAEMON@mx.test")
    page = client.get(deadlines).text
    assert "That mail: Came back. Send the answer again, another way if need be." in page
    assert f'value="{entry.pk}"' not in page
