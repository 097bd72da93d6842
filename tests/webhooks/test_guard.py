"""Requests go to allowed addresses only, to the address that was checked, within a time and a size."""

import gzip
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx2
import pytest

from portal.webhooks import guard
from portal.webhooks.client import guarded_client
from portal.webhooks.guard import BlockedError, check_url, is_public
from tests.webhooks.receiver import Answer, Receiver


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "239.1.1.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "::", "::1", "fe80::1", "fc00::1", "ff0e::1",
        "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:1::1",
        "2001:db8::1",
    ],
)  # fmt: skip
def test_addresses_that_not_all_the_world_can_reach_are_refused(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450:4001::200e"])
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.test/", "ftp://example.test/", "file:///etc/passwd", "https://", "https:///x", "https://a:b@example.test/",
        "https://example.test:0/", "https://example.test:99999/", "https://exa mple.test/", "https://[::1/", "javascript:1", "",
        "https://example.test/\r\nX: y", "https://u@example.test/",
    ],
)  # fmt: skip
def test_addresses_that_are_none_are_refused(url: str) -> None:
    with pytest.raises(BlockedError):
        check_url(url)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """What names resolve to, call by call (the last answer stays); others do not exist."""
    known: dict[str, list[list[str]]] = {}
    real = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *args: Any, **kwargs: Any) -> list[tuple[Any, ...]]:
        if host.replace(".", "").isdigit():
            return list(real(host, port, *args, **kwargs))
        if host not in known:
            raise socket.gaierror(f"no {host}")
        answers = known[host]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(guard.socket, "getaddrinfo", getaddrinfo)
    return known


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Where connections were tried; none is made."""
    tried: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], *args: object, **kwargs: object) -> socket.socket:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    return tried


def test_a_name_with_one_private_address_is_refused_before_any_connection(
    names: dict[str, list[list[str]]], connected: list[tuple[str, int]]
) -> None:
    names["mixed.test"] = [["8.8.8.8", "10.0.0.1"]]
    with (
        guarded_client() as client,
        pytest.raises(BlockedError, match=r"mixed.test has the private address 10\.0\.0\.1"),
    ):
        client.post("https://mixed.test/")
    assert connected == []


def test_literal_addresses_are_checked_too(connected: list[tuple[str, int]]) -> None:
    for url in (
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://2130706433/",
        "https://0x7f.1/",
    ):
        with guarded_client() as client, pytest.raises(BlockedError):
            client.get(url)
    assert connected == []


def test_the_address_that_was_checked_is_the_one_connected_to(
    names: dict[str, list[list[str]]], connected: list[tuple[str, int]]
) -> None:
    """A name that turns private right after the check gains nothing: it is asked once."""
    names["rebinding.test"] = [["8.8.8.8"], ["127.0.0.1"]]
    with guarded_client() as client, pytest.raises(httpx2.ConnectError):
        client.get("https://rebinding.test/")
    assert connected == [("8.8.8.8", 443)]


def test_a_name_without_address_is_an_error_of_its_own(names: dict[str, list[list[str]]]) -> None:
    with guarded_client() as client, pytest.raises(httpx2.ConnectError, match=r"nobody\.test has no address"):
        client.get("https://nobody.test/")


def test_redirects_are_not_followed(target_server: Receiver) -> None:
    target_server.answers = [Answer(302, headers={"Location": "http://169.254.169.254/latest/meta-data/"})]
    with guarded_client() as client:
        assert client.post(target_server.url, content=b"x").status_code == 302
    assert len(target_server.got) == 1


def test_proxies_of_the_environment_are_not_used(target_server: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with guarded_client() as client:
        assert client.get(target_server.url).status_code == 200


def dripping(write: Callable[[bytes], object], stop: threading.Event) -> None:
    """A byte now and then, for ever."""
    while not stop.wait(0.05):
        write(b"x")


def test_an_answer_that_drips_is_cut_off_in_time(target_server: Receiver) -> None:
    """Every single read is quick; it is the whole that takes too long."""
    target_server.answers = [Answer(stream=dripping)]
    began = time.monotonic()
    with guarded_client(seconds=0.5) as client, pytest.raises(httpx2.ReadTimeout):
        client.get(target_server.url)
    assert time.monotonic() - began >= 0.5


def test_an_answer_that_is_too_large_is_cut_off(target_server: Receiver) -> None:
    target_server.answers = [Answer(body=b"x" * 5000)]
    with guarded_client(max_answer=1000) as client, pytest.raises(httpx2.ReadError, match="larger than 1000"):
        client.get(target_server.url)


def test_a_packed_answer_is_not_unpacked(target_server: Receiver) -> None:
    target_server.answers = [Answer(body=gzip.compress(b"0" * 10_000_000), headers={"Content-Encoding": "gzip"})]
    with guarded_client() as client, pytest.raises(httpx2.DecodingError):
        client.get(target_server.url)


@pytest.fixture
def tls_server(tmp_path: Path, inside: None) -> Iterator[tuple[int, Path, list[str | None]]]:
    """A server with a certificate for hooks.test: its port, the certificate, the names it was asked for."""
    key, certificate, asked = tmp_path / "key.pem", tmp_path / "cert.pem", []
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=hooks.test", "-addext", "subjectAltName=DNS:hooks.test", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    server = Receiver()
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server.server_address[1], certificate, asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_certificate_is_checked_against_the_name(
    tls_server: tuple[int, Path, list[str | None]], names: dict[str, list[list[str]]]
) -> None:
    port, certificate, asked = tls_server
    names.update({"hooks.test": [["127.0.0.1"]], "other.test": [["127.0.0.1"]]})
    context = ssl.create_default_context(cafile=str(certificate))
    with guarded_client(verify=context) as client:
        assert client.get(f"https://hooks.test:{port}/").status_code == 200
        with pytest.raises(httpx2.ConnectError, match="certificate"):
            client.get(f"https://other.test:{port}/")
    with guarded_client() as client, pytest.raises(httpx2.ConnectError, match="certificate"):
        client.get(f"https://hooks.test:{port}/")
    assert asked[:2] == ["hooks.test", "other.test"]
