"""Measures the search over a filled database: starts gunicorn, asks for each text many times, counts its queries in process."""

import json
import sys
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
    return {
        "reference": f"EC-{number}",
        "first digits of a reference": str(number)[:4],
        "rare word": "word19876",
        "common word (each text)": "refund",
        "two common words": "guest refund",
        "common word, beginning": "refun",
        "rare beside common": "guest word15123",
        "two Chinese characters, in one of 20": "退款",
        "Chinese, rare": "误扣",
        "part of a booking number": customer[-5:],
        "a typing error": "cancleled",
        "nothing": "qqzzxxy",
        "person": "agent okafor 12346",
    }


def measure(count: int) -> None:
    """Print one JSON line: a row per text, reader and door."""
    port, rows = free_port(), []
    server = start_server(port)
    try:
        for who, email in READERS.items():
            client = Client(HTTP_HOST="localhost")
            client.force_login(User.objects.get(email=email))
            for name, text in asked().items():
                rows.append(
                    [
                        name,
                        text,
                        who,
                        *_measured(
                            client,
                            port,
                            f"/search/?kind=cases&q={text}" if name != "person" else f"/search/?kind=people&q={text}",
                            count,
                        ),
                    ]
                )
            for name, text in list(asked().items())[2:4]:
                rows.append([f"palette: {name}", text, who, *_measured(client, port, f"/ui/palette/?q={text}", count)])
    finally:
        server.terminate()
        server.wait(20)
    print(json.dumps(rows))


def _measured(client: Client, port: int, path: str, count: int) -> list[Any]:
    path = quote(path, safe="/?=&")
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    if response.status_code != 200:
        raise SystemExit(f"{path} answered {response.status_code}")
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    p50, p95 = percentiles(times(count, over_http(port, path, cookie, {})))
    hits = response.content.decode().count('class="row hit"') + response.content.decode().count('role="option"')
    return [hits, len(queries), f"{p50:.1f}", f"{p95:.1f}"]


if __name__ == "__main__":
    measure(int(sys.argv[1]))
