"""What of a case's mail stays inside: who hears of it, and whose address is shown to whom."""

import pytest

from escalations import actions
from escalations.models import ServiceMailbox
from portal.notifications import queries as inbox
from portal.notifications import tasks
from portal.notifications.models import Notification
from tests.escalations.mailing import box, files_root, made
from tests.escalations.pages_world import World
from tests.factories.case_mail import case_of, receive

__all__ = ["box", "files_root", "made"]
pytestmark = pytest.mark.django_db


def test_a_partner_who_watches_a_case_hears_of_no_internal_entry(made: World, box: ServiceMailbox) -> None:
    box.site = made.site
    box.save()
    case = case_of(receive(box, "One", id="<1@guest>"))
    actions.assign(actor=made.actor("service_lead"), ref=case.pk, owner_id=made.users["associate"].pk)
    for who in ("lead", "coordinator"):
        actions.watch(actor=made.actor(who), ref=case.pk)
    receive(box, "Two", headers={"In-Reply-To": "<1@guest>"})
    tasks.fan_out()
    told = Notification.objects.filter(kind="case.mail_in")
    assert set(told.values_list("recipient__name", flat=True)) == {"Associate", "Coordinator"}
    line = told[0]
    line.pk, line.recipient = None, made.users["lead"]
    line.save()
    for who, lines in (("lead", 0), ("coordinator", 1)):
        rows = inbox.inbox_of(made.actor(who)).filter(kind="case.mail_in")
        assert len(inbox.shown(made.actor(who), list(rows))) == lines
