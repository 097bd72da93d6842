"""Inbox and mails name nothing that is out of sight."""

import re

import pytest
from django.db import transaction

from escalations import actions
from escalations.models import Case
from portal.accounts.rules import SYSTEM
from portal.notifications.delivery.fanout import fan_out_batch
from portal.notifications.models import DemoMail, OutboxRow
from portal.notifications.tasks import send
from tests.factories.notifications import NotificationFactory
from tests.web.hidden import Secrets
from tests.web.leaks.seeing import leaks, text_of
from tests.web.world import ANONYMOUS

pytestmark = pytest.mark.django_db


def told(found: Secrets) -> None:
    """Something happens to every case; what was queued is handed round."""
    while fan_out_batch():
        pass


def test_inbox_and_mails_name_nothing_out_of_sight(found: Secrets) -> None:
    for case in Case.objects.filter(pk__in=[one.pk for one in found.cases.values()]):
        with transaction.atomic():
            Case.objects.filter(pk=case.pk).update(escalation_level=0)
        actions.escalate(actor=SYSTEM, ref=case.pk, reason="Because")
    told(found)
    OutboxRow.objects.update(not_before="2020-01-01T00:00Z", next_attempt_at="2020-01-01T00:00Z")
    send()
    wrong = []
    for who, client in found.clients.items():
        if who in (ANONYMOUS, "deactivated"):
            continue
        wrong += leaks(found, who, text_of(client, "/inbox/", {"show": "all"}), "/inbox/")
        for mail in DemoMail.objects.filter(to=found.made.world.users[who].email):
            wrong += leaks(found, who, f"{mail.subject}\n{mail.text}\n{mail.html}", "mail")
    assert wrong == []
    assert DemoMail.objects.exists()


def test_a_line_about_several_cases_counts_only_those_in_sight(found: Secrets) -> None:
    """The manager was told of several breaches; some of the cases are none of theirs any more."""
    world, cases = found.made.world, found.cases
    hidden, other, seen = (cases[key].pk for key in ("confidential", "others", "standard"))
    for number, subjects in enumerate(([hidden, other, seen], [seen, hidden], [hidden, other])):
        NotificationFactory(
            recipient=world.users["manager"],
            kind="case.clock_breached",
            tick=f"tick-{number}",
            params={"ref": f"EC-{subjects[0]}", "metric": "resolution"},
            subject_ids=subjects,
            count=len(subjects),
            url="/queue/?tab=breached",
        )
    page = text_of(found.clients["manager"], "/inbox/", {"show": "all"})
    assert leaks(found, "manager", page, "/inbox/") == []
    assert "1 clock breached" in page
    assert f"EC-{seen}: resolution breached" in page
    assert not re.search(r"[23] clocks breached", page)
