"""Raises cases for some seconds and prints one row as JSON: `python -m bench.api_intake_rows CLIENTS SECONDS`."""

import http.client
import json
import sys
import threading
import time
import uuid

import psutil
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.measure import free_port, percentiles, start_server
from bench.ready import settings
from escalations.models import IssueType, Service
from partners.models import Partner, Site
from portal.accounts.models import Membership, User
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM
from portal.api.actions import create_token
from sla.actions.starting import create_starters
from sla.registry import kind_of

WARM_UP = 50
BODY = {
    "service": "payments", "site": "DLC", "issue_type": "refund", "channel": "email", "customer_ref": "C-4711", "impact": "money",
    "urgency": "today", "description": "客人等待退款已经一周。 The guest has been waiting for a week. " * 4,
}  # fmt: skip


def main(clients: int, seconds: float) -> None:
    """Print the row."""
    token, port = prepared(), free_port()
    queries = counted(token)
    server = start_server(port)
    try:
        raise_cases(port, token, WARM_UP)
        before, begin = cpu_of(server.pid), time.perf_counter()
        taken = together(port, token, clients, seconds)
        wall, used = (
            time.perf_counter() - begin,
            [now - then for now, then in zip(cpu_of(server.pid), before, strict=True)],
        )
    finally:
        server.terminate()
        server.wait(20)
    p50, p95 = percentiles(taken)
    cpu = [f"{1000 * one / len(taken):.1f}" for one in used]
    print(json.dumps([clients, len(taken), f"{len(taken) / wall:.0f}", f"{p50:.1f}", f"{p95:.1f}", queries, *cpu]))


def prepared() -> str:
    """A service, a site, the first policies, and somebody's token."""
    service, made = Service.objects.get_or_create(code="payments", defaults={"name": "Payments"})
    partner, _made = Partner.objects.get_or_create(code="BENCH", defaults={"name": "Bench"})
    site, _made = Site.objects.get_or_create(
        code="DLC", defaults={"name": "Dalian", "partner": partner, "time_zone": "Asia/Shanghai"}
    )
    if made:
        IssueType.objects.create(code="refund", name="Refund", level=1)
        starters = [(one, one.minutes) for one in kind_of("case").starters]
        create_starters(actor=SYSTEM, subject_kind="case", calendar_id=None, chosen=starters)
    user, made = User.objects.get_or_create(email="bench@bench.example", defaults={"name": "Bench"})
    if made:
        Membership.objects.create(user=user, role="associate", service=service)
        Membership.objects.create(user=user, role="coordinator", site=site)
    return create_token(actor=actor_for(user), name="Bench", scopes=["cases:write"], days=1)[1]


def headers(token: str) -> dict[str, str]:
    """Of one request, with a key of its own."""
    return {
        "Host": "localhost", "Content-Type": "application/json", "Authorization": f"Bearer {token}",
        "Idempotency-Key": uuid.uuid4().hex,
    }  # fmt: skip


def counted(token: str) -> int:
    """How many statements a case costs; the first request also notes that the token is used."""
    client = Client()
    client.post("/api/v1/cases", body(0), content_type="application/json", headers=headers(token))
    with CaptureQueriesContext(connection) as asked:
        answer = client.post("/api/v1/cases", body(1), content_type="application/json", headers=headers(token))
    if answer.status_code != 201 or settings.API_REQUESTS_PER_MINUTE < 10**6:
        raise SystemExit(f"{answer.status_code}: {answer.content.decode()}")
    return len(asked)


def body(number: int) -> bytes:
    """One case, unlike the others."""
    return json.dumps(BODY | {"subject": f"Refund {number} stuck for a week"}).encode()


def raise_cases(port: int, token: str, count: int = 0, until: float = 0) -> list[float]:
    """So many cases, or as many as there is time for; milliseconds of each."""
    link, found = http.client.HTTPConnection("127.0.0.1", port, timeout=120), []
    while len(found) < count or time.perf_counter() < until:
        begin = time.perf_counter()
        link.request("POST", "/api/v1/cases", body(len(found)), headers(token))
        answer = link.getresponse()
        text = answer.read()
        if answer.status != 201:
            raise SystemExit(f"{answer.status}: {text.decode()}")
        found.append((time.perf_counter() - begin) * 1000)
    return found


def together(port: int, token: str, clients: int, seconds: float) -> list[float]:
    """Several clients at once."""
    until, parts = time.perf_counter() + seconds, [[] for _ in range(clients)]

    def one(part: list[float]) -> None:
        part += raise_cases(port, token, until=until)

    threads = [threading.Thread(target=one, args=(part,)) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [taken for part in parts for taken in part]


def cpu_of(pid: int) -> list[float]:
    """Seconds of the processor so far: of the web processes, and of the database's on this database."""
    web = psutil.Process(pid)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        backends = [psutil.Process(found) for (found,) in cursor.fetchall()]
    return [seconds([web, *web.children(recursive=True)]), seconds(backends)]


def seconds(processes: list[psutil.Process]) -> float:
    """User and system time."""
    times = [one.cpu_times() for one in processes]
    return sum(one.user + one.system for one in times)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
