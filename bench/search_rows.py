"""Measures the search over a filled database: starts gunicorn, asks for each text many times, counts its queries in process."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.measure import free_port, over_http, percentiles, start_server, times
from bench.ready import settings
from portal.accounts.models import User

READERS = {
    "coordinator of all": "u1@bench.example",
    "associate of a service": "u2@bench.example",
    "lead of one site": "u3@bench.example",
}


def asked() -> dict[str, str]:
    """What is looked for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, customer_ref FROM escalations_case ORDER BY id OFFSET (SELECT count(*) / 2 FROM escalations_case) LIMIT 1"
        )
        number, customer = cursor.fetchall()[0]
        cursor.execute("SELECT name FROM partners_person WHERE id % 20 = 0 ORDER BY id OFFSET 500 LIMIT 1")
        person = cursor.fetchall()[0][0]
    return {
        "reference": f"EC-{number}",
        "first digits of a reference": str(number)[:4],
        "rare word": "word19876",
        "common word (each text)": "refund",
        "two common words": "guest refund",
        "common word, beginning": "refun",
        "rare beside common": "guest word15123",
        "rare and common, in two rows": "topic word15123",
        "two common words, in two rows": "topic refund",
        "two Chinese characters, in one of 20": "退款",
        "Chinese, rare": "误扣",
        "part of a booking number": customer[-5:],
        "a typing error": "cancleled",
        "nothing": "qqzzxxy",
        "person": person.lower(),
    }


def measure(count: int) -> None:
    """Print one JSON line: a row per text, reader and door; first a page that looks for nothing, to compare."""
    port, rows = free_port(), []
    server = start_server(port)
    try:
        for who, email in READERS.items():
            client = Client(HTTP_HOST="localhost")
            client.force_login(User.objects.get(email=email))
            for name, text, path in doors():
                rows.append([name, text, who, *measured(client, port, quote(path, safe="/?=&"), count)])
    finally:
        server.terminate()
        server.wait(20)
    print(json.dumps(rows))


def doors() -> Iterator[tuple[str, str, str]]:
    """What is measured: name, text, address."""
    texts = asked()
    yield "hello world (/healthz)", "", "/healthz"
    for name, text in texts.items():
        yield name, text, f"/search/?kind={'people' if name == 'person' else 'cases'}&q={text}"
    for name in ("rare word", "common word (each text)"):
        yield f"palette: {name}", texts[name], f"/ui/palette/?q={texts[name]}"


def measured(client: Client, port: int, path: str, count: int) -> list[Any]:
    """Hits, queries, processor time (ours and the database's, which other work on the machine moves least), times over HTTP."""
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    asked = len(queries)
    if response.status_code != 200:
        raise SystemExit(f"{path} answered {response.status_code}")
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    busy = sorted(_processor_time(client, path) for _ in range(20))
    p50, p95 = percentiles(times(count, over_http(port, path, cookie, {})))
    page = response.content.decode()
    hits = page.count('class="row hit"') + page.count('role="option"')
    return [hits, asked, *(f"{value:.1f}" for value in (*percentiles(busy), p50, p95))]


def _processor_time(client: Client, path: str) -> float:
    """Milliseconds of one request: this process and the database's behind it."""
    before = time.process_time() * 1000 + _database_time()
    client.get(path)
    return time.process_time() * 1000 + _database_time() - before


def _database_time() -> float:
    """Milliseconds that the process behind our connection has been busy; 0 where the machine does not tell."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        told = Path(f"/proc/{cursor.fetchall()[0][0]}/schedstat")
    return int(told.read_text().split()[0]) / 1e6 if told.exists() else 0.0


if __name__ == "__main__":
    measure(int(sys.argv[1]))
