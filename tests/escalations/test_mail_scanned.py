"""Files of mails and the virus scan: what is infected, or was not scanned, is kept apart, and nobody gets it."""

from typing import Any

import pytest

from escalations.models import InboundMail, ServiceMailbox
from portal.files.models import StoredFile
from tests.escalations.mailing import box, files_root, made
from tests.escalations.pages_world import World
from tests.factories.case_mail import receive
from tests.files.clamd import EICAR, clamd

pytestmark = pytest.mark.django_db
__all__ = ["box", "files_root", "made"]


def held(mail: InboundMail) -> dict[str, str]:
    return {StoredFile.objects.get(pk=pk).name: why for pk, why in mail.held}


def link(name: str) -> str:
    return f"/files/{StoredFile.objects.get(name=name).pk}/"


def test_what_is_infected_is_kept_apart_and_nobody_has_it(made: World, box: ServiceMailbox, settings: Any) -> None:
    with clamd() as server:
        settings.CLAMD_ADDRESS = server.address
        receive(box, "See", files={"notes.txt": b"fine", "bill.txt": EICAR, "page.html": b"<html>" + EICAR})
    mail = InboundMail.objects.get()
    assert held(mail) == {"bill.txt": "virus", "page.html": "virus"}
    assert mail.files == 1
    lead = made.client("service_lead")
    page = lead.get(f"/cases/EC-{mail.entry.case_id}/entries/{mail.entry_id}/mail/").text
    assert "it carries a virus" in page
    for name in ("bill.txt", "page.html"):
        assert link(name) not in page
        assert lead.get(link(name)).status_code == 404


def test_what_was_not_scanned_is_handed_out_once_it_is_found_clean(
    made: World, box: ServiceMailbox, settings: Any
) -> None:
    settings.CLAMD_ADDRESS, settings.CLAMD_TIMEOUT = "unix:/no/such/socket", 5.0
    receive(box, "See", files={"notes.txt": b"fine", "bill.txt": EICAR})
    mail = InboundMail.objects.get()
    assert held(mail) == {"notes.txt": "unscanned", "bill.txt": "unscanned"}
    lead = made.client("service_lead")
    assert lead.get(link("notes.txt")).status_code == 404
    with clamd() as server:
        settings.CLAMD_ADDRESS = server.address
        assert b"".join(lead.get(link("notes.txt")).streaming_content) == b"fine"
        assert lead.get(link("bill.txt")).status_code == 404
        assert made.client("associate").get(link("notes.txt")).status_code == 404
