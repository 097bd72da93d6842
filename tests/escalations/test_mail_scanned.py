"""Files of mails and the virus scan: what is infected, or was not scanned, is kept apart, and nobody gets it."""

import socket
from typing import Any

import pytest

from escalations.models import InboundMail, ServiceMailbox
from portal.files.models import StoredFile
from tests.escalations.mailing import box, files_root, made
from tests.escalations.pages_world import World
from tests.factories.case_mail import receive
from tests.files.clamd import EICAR, clamd, honest, silent
from tests.webhooks import silence

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


MANY = {f"notes{number}.txt": b"fine %d" % number for number in range(6)}


@pytest.mark.parametrize(("away", "taken"), [("refuse", 0), ("accept", 6)])
def test_a_scanner_that_hangs_is_waited_for_once_a_mail(
    made: World, box: ServiceMailbox, settings: Any, away: str, taken: int
) -> None:
    settings.CLAMD_TIMEOUT, settings.CLAMD_UNREACHABLE = 1.0, away
    with silence.silent() as server:
        settings.CLAMD_ADDRESS = server.url.replace("http:", "tcp:").rstrip("/")
        receive(box, "See", files=MANY)
        assert len(server.lines) == 2, "one file, and whether it is there at all"
    mail = InboundMail.objects.get()
    assert (mail.files, set(held(mail).values())) == (taken, {"unscanned"} if away == "refuse" else set())


@pytest.mark.parametrize("away", ["refuse", "accept"])
def test_a_file_that_wears_the_scanner_out_gets_no_other_one_through(
    made: World, box: ServiceMailbox, settings: Any, away: str
) -> None:
    settings.CLAMD_TIMEOUT, settings.CLAMD_UNREACHABLE = 1.0, away
    with clamd(silent) as server:
        settings.CLAMD_ADDRESS = server.address
        receive(box, "See", files={"a.txt": b"heavy", "bill.txt": EICAR, "notes.txt": b"fine"})
        assert server.files == [b"heavy"]
    assert set(held(InboundMail.objects.get())) == {"bill.txt", "notes.txt"} | (
        {"a.txt"} if away == "refuse" else set()
    )


def test_one_bad_answer_does_not_spare_the_other_files(made: World, box: ServiceMailbox, settings: Any) -> None:
    settings.CLAMD_TIMEOUT, settings.CLAMD_UNREACHABLE = 20.0, "accept"

    def odd(line: socket.socket, content: bytes) -> None:
        line.sendall(b"garbage\0") if content == b"odd" else honest(line, content)

    with clamd(odd) as server:
        settings.CLAMD_ADDRESS = server.address
        receive(box, "See", files={"a.txt": b"odd", "bill.txt": EICAR, "notes.txt": b"fine"})
        assert server.files == [b"odd", EICAR, b"fine"], "each once"
    assert held(InboundMail.objects.get()) == {"bill.txt": "virus"}
