"""The virus scan: against a server that speaks the protocol, and against one that does not."""

import io
import socket
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from portal.accounts.rules import SYSTEM
from portal.files import scanning
from portal.files.actions import store
from portal.files.forms import UploadField
from portal.files.models import StoredFile
from portal.files.scanning import ScannerAwayError, scan
from tests.files.clamd import EICAR, Answer, clamd, half_closed, honest, saying, silent

CLEAN = b"Nothing to see here.\n"


def upload(content: bytes = CLEAN, name: str = "notes.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.fixture(autouse=True)
def short(settings: Any) -> None:
    settings.CLAMD_TIMEOUT = 5.0
    settings.CLAMD_UNREACHABLE = "refuse"


def nobody_listens() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"tcp://127.0.0.1:{server.getsockname()[1]}"


def test_clean_and_infected_over_both_kinds_of_socket(settings: Any, tmp_path: Path) -> None:
    for path in (None, tmp_path / "c.sock"):
        with clamd(path=path) as server:
            settings.CLAMD_ADDRESS = server.address
            assert scan(io.BytesIO(CLEAN)) == ""
            stream = io.BytesIO(CLEAN * 20_000 + EICAR)
            assert scan(stream) == "Eicar-Signature"
            assert stream.tell() == 0
            assert server.files == [CLEAN, CLEAN * 20_000 + EICAR]
            assert scanning.answers()


@pytest.mark.parametrize(
    "answer",
    [
        saying(b"garbage\0"),
        saying(b"\0"),
        saying(b"\xff\xfe\x00"),
        saying(b"stream: OK"),
        saying(b"INSTREAM size limit exceeded. ERROR\0"),
        saying(b"x" * 10_000),
        half_closed,
        lambda line, content: None,
    ],
)
def test_what_is_no_answer_is_none(settings: Any, answer: Answer) -> None:
    with clamd(answer) as server:
        settings.CLAMD_ADDRESS = server.address
        with pytest.raises(ScannerAwayError):
            scan(io.BytesIO(CLEAN))


def test_it_waits_no_longer_than_it_may(settings: Any) -> None:
    settings.CLAMD_TIMEOUT = 0.2
    with clamd(silent) as server:
        settings.CLAMD_ADDRESS = server.address
        with pytest.raises(ScannerAwayError, match="TimeoutError"):
            scan(io.BytesIO(CLEAN))


def test_a_file_beyond_the_limit_of_clamd_is_not_taken_for_clean(settings: Any) -> None:
    with clamd(deaf=True) as server:
        settings.CLAMD_ADDRESS = server.address
        with pytest.raises(ScannerAwayError):
            scan(io.BytesIO(b"x" * 8_000_000))


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1x", "unix:/no/such/socket", "tcp://", "nonsense"])
def test_an_address_that_leads_nowhere(settings: Any, address: str) -> None:
    settings.CLAMD_ADDRESS = address
    with pytest.raises(ScannerAwayError):
        scan(io.BytesIO(CLEAN))
    assert not scanning.answers()


def code_of(content: bytes) -> str:
    with pytest.raises(ValidationError) as no:
        UploadField().clean(upload(content))
    return str(no.value.code)


def test_the_field_refuses_what_is_infected_and_says_the_name(settings: Any) -> None:
    with clamd() as server:
        settings.CLAMD_ADDRESS = server.address
        with pytest.raises(ValidationError, match=r"carries a virus \(Eicar-Signature\)"):
            UploadField().clean(upload(EICAR))


@pytest.mark.django_db
def test_what_the_field_found_clean_is_not_sent_again_when_it_is_kept(settings: Any) -> None:
    with clamd() as server:
        settings.CLAMD_ADDRESS = server.address
        found = UploadField().clean(upload())
        assert store(actor=SYSTEM, upload=found).size == len(CLEAN)
        assert server.files == [CLEAN]
        with pytest.raises(ValidationError):
            store(actor=SYSTEM, upload=upload(EICAR))
    assert StoredFile.objects.count() == 1


@pytest.mark.django_db
def test_what_was_taken_without_a_scan_is_not_asked_about_again_when_it_is_kept(settings: Any) -> None:
    settings.CLAMD_UNREACHABLE = "accept"
    with clamd(saying(b"garbage\0")) as server:
        settings.CLAMD_ADDRESS = server.address
        assert store(actor=SYSTEM, upload=UploadField().clean(upload())).size == len(CLEAN)
        assert server.lines == 1


def test_without_an_address_nothing_is_asked(settings: Any) -> None:
    settings.CLAMD_ADDRESS = ""
    with clamd(honest) as server:
        assert UploadField().clean(upload(EICAR)) is not None
        assert server.lines == 0


def test_an_absent_scanner_refuses_unless_the_setting_says_otherwise(settings: Any) -> None:
    settings.CLAMD_ADDRESS = nobody_listens()
    assert code_of(CLEAN) == "unscanned"
    settings.CLAMD_UNREACHABLE = "accept"
    assert UploadField().clean(upload()) is not None


@pytest.mark.django_db
def test_health_says_how_the_scanner_is(settings: Any, client: Client) -> None:
    settings.CLAMD_ADDRESS = ""
    assert client.get("/readyz").json()["virus_scan"] == "off"
    with clamd() as server:
        settings.CLAMD_ADDRESS = server.address
        assert client.get("/readyz").json()["virus_scan"] == "ok"
    answer = client.get("/readyz").json()
    assert (answer["virus_scan"], answer["status"]) == ("down", "degraded")
