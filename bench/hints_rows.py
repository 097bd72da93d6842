"""Measures the hints over a filled database: starts gunicorn, asks each question many times, counts its queries in process."""

import json
import sys
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.measure import free_port, over_http, percentiles, start_server, times
from bench.ready import settings
from escalations.models import Case
from portal.accounts.models import User

READERS = {
    "coordinator of all": "u1@bench.example",
    "associate of a service": "u2@bench.example",
    "lead of one site": "u3@bench.example",
}


def asked() -> dict[str, dict[str, str]]:
    """What is typed."""
    some = Case.objects.filter(subject__startswith="Guest").order_by("pk")[50_000]
    return {
        "rare words": {"subject": "Guest asks for word19876 because of word15123"},
        "a typing error": {"subject": "Guest asks for wrod19876 because of word15132"},
        "common words alone": {"subject": "Guest of booking asks for word1"},
        "the subject of a case": {"subject": some.subject},
        "Chinese": {"subject": "退款一直没有到账 4711"},
        "a customer": {"customer_ref": some.customer_ref},
        "a number": {"subject": f"Guest of BK-{some.pk}"},
    }


def measure(count: int) -> None:
    """Print one JSON line: a row per question and reader."""
    port, rows = free_port(), []
    server = start_server(port)
    try:
        for who, email in READERS.items():
            client = Client(HTTP_HOST="localhost")
            client.force_login(User.objects.get(email=email))
            for name, data in asked().items():
                text = " ".join(data.values())
                rows.append([name, text, who, *_measured(client, port, f"/cases/similar/?{urlencode(data)}", count)])
    finally:
        server.terminate()
        server.wait(20)
    print(json.dumps(rows))


def _measured(client: Client, port: int, path: str, count: int) -> list[Any]:
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    if response.status_code != 200:
        raise SystemExit(f"{path} answered {response.status_code}")
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    p50, p95 = percentiles(times(count, over_http(port, path, cookie, {})))
    return [response.content.decode().count("<li>"), len(queries), f"{p50:.1f}", f"{p95:.1f}"]


if __name__ == "__main__":
    measure(int(sys.argv[1]))
