"""Measures the pages of one database: starts gunicorn, asks each page many times, counts its queries in process."""

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bench.ready import settings
from escalations import queries
from portal.accounts.models import User
from portal.accounts.queries import actor_for

PAGE = 200


def main(count: int) -> None:
    """Print one JSON line: a row per page."""
    client = Client(HTTP_HOST="localhost")
    user = User.objects.get(email="u1@bench.example")
    client.force_login(user)
    port = free_port()
    server = start_server(port)
    try:
        rows = [measured(client, port, name, path, sql, count) for name, path, sql in pages(user)]
    finally:
        server.terminate()
        server.wait(20)
    print(json.dumps(rows))


def pages(user: User) -> list[tuple[str, str, Callable[[], Any] | None]]:
    """What is measured: name, address, and the bare SQL of the same rows."""
    actor = actor_for(user)
    queue = reverse("escalations:queue")
    deep = min(PAGE, queries.queue_cases(actor, "open", queries.NO_FILTERS).exclude(next_due_at=None).count() // 50)
    cursor = cursor_of_page(actor, deep)
    long_case = queries.visible_to(actor).order_by("id").values_list("pk", flat=True)[2]
    filters = queries.QueueFilters(severity=(1,), q="topic 12")
    return [
        ("hello world (/healthz)", reverse("home:healthz"), None),
        (
            "queue, first page",
            queue,
            bare(queries.queue_cases(actor, "open", queries.NO_FILTERS).order_by("next_due_at", "id")[:51]),
        ),
        (f"queue, page {deep}", f"{queue}?cursor={cursor}", bare(rows_after(actor, deep))),
        (
            "queue, filtered",
            f"{queue}?severity=1&q=topic+12",
            bare(queries.queue_cases(actor, "open", filters).order_by("next_due_at", "id")[:51]),
        ),
        (
            "queue, breached",
            f"{queue}?tab=breached",
            bare(queries.queue_cases(actor, "breached", queries.NO_FILTERS).order_by("next_due_at", "id")[:51]),
        ),
        ("case with 200 entries", reverse("escalations:case", args=[f"EC-{long_case}"]), None),
    ]


def cursor_of_page(actor: Any, number: int) -> str:
    """The cursor that opens page `number`, made by asking for one page that ends where it begins."""
    page = queries.queue_rows(actor, size=(number - 1) * 50)
    return str(page.next_cursor)


def rows_after(actor: Any, number: int) -> Any:
    """The rows of page `number`, as the page reads them, without what hangs on them."""
    last = queries.queue_rows(actor, size=(number - 1) * 50).items[-1].case
    cases = queries.queue_cases(actor, "open", queries.NO_FILTERS).filter(next_due_at__gte=last.next_due_at)
    return cases.order_by("next_due_at", "id")[:51]


def bare(rows: Any) -> Callable[[], Any]:
    """Runs the rows' SQL without any object made of them."""
    sql, params = rows.values_list("id", "subject", "state", "next_due_at").query.sql_with_params()

    def ask() -> Any:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return cursor.fetchall()

    return ask


def measured(
    client: Client, port: int, name: str, path: str, sql: Callable[[], Any] | None, count: int, *, piece: bool = False
) -> list[Any]:
    """One row of the table: queries, times in milliseconds, size in kilobytes. `piece`: as a page asks for a piece of itself."""
    headers = {"HX-Request": "true"} if piece else {}
    client.get(path, headers=headers)
    with CaptureQueriesContext(connection) as asked:
        response = client.get(path, headers=headers)
    if response.status_code != 200:
        raise SystemExit(f"{name}: {path} answered {response.status_code}")
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    http_times = times(count, over_http(port, path, cookie, headers))
    sql_times = times(count, sql) if sql else []
    sql_cells = [f"{p:.1f}" for p in percentiles(sql_times)] if sql_times else ["", ""]
    p50, p95 = percentiles(http_times)
    return [name, len(asked), f"{p50:.1f}", f"{p95:.1f}", len(response.content) // 1024, *sql_cells]


def fill_or_measure(
    fill: Callable[[int], None], pages: Callable[[], list[tuple[str, str]]], readers: Mapping[str, str]
) -> None:
    """What the command line says: `fill NUMBER`, or `measure REQUESTS`, which prints a row per page and reader as JSON.

    `pages`: names and addresses; `readers`: addresses of mail by what a reader sees.
    """
    what, number = sys.argv[1], int(sys.argv[2])
    if what == "fill":
        fill(number)
        return
    port, rows = free_port(), []
    server = start_server(port)
    try:
        for who, email in readers.items():
            client = Client(HTTP_HOST="localhost")
            client.force_login(User.objects.get(email=email))
            rows += [measured(client, port, f"{name} ({who})", path, None, number) for name, path in pages()]
    finally:
        server.terminate()
        server.wait(20)
    print(json.dumps(rows))


def over_http(port: int, path: str, cookie: str, headers: Mapping[str, str]) -> Callable[[], Any]:
    """One whole request and response over a kept connection."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def ask() -> bytes:
        link.request("GET", path, headers={"Host": "localhost", "Cookie": cookie, **headers})
        answer = link.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}")
        return body

    return ask


def times(count: int, ask: Callable[[], Any]) -> list[float]:
    """Milliseconds of each call, after ten that do not count."""
    for _ in range(10):
        ask()
    found = []
    for _ in range(count):
        begin = time.perf_counter()
        ask()
        found.append((time.perf_counter() - begin) * 1000)
    return found


def percentiles(found: list[float]) -> tuple[float, float]:
    """p50 and p95."""
    cuts = statistics.quantiles(found, n=20)
    return statistics.median(found), cuts[18]


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_server(port: int) -> "subprocess.Popen[bytes]":
    """Gunicorn as the demo runs it; returns when it answers."""
    command = [sys.executable, "-m", "gunicorn", "portal.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4",
               "--log-level", "warning"]  # fmt: skip
    server = subprocess.Popen(command, env={**os.environ, "PORTAL_MODE": "demo"})
    for _ in range(200):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return server
        except OSError:
            time.sleep(0.1)
    server.terminate()
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    main(int(sys.argv[1]))
