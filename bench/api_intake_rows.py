"""Raises cases for some seconds and prints one row as JSON: `python -m bench.api_intake_rows CLIENTS SECONDS`."""

import http.client
import json
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from random import Random

import psutil
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.measure import free_port, percentiles, start_server
from bench.ready import settings
from escalations.actions import subscribe
from escalations.choices.hooks import Happening
from escalations.models import Case, CaseSequence, IssueType, Service
from partners.models import Site
from portal.accounts.models import Membership, User
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM
from portal.api.actions import create_token
from portal.webhooks.actions import create_target
from sla.actions.starting import create_starters
from sla.models import Policy
from sla.registry import kind_of

WARM_UP = 50
# As common as in the entries of the filled database: words of a low number stand in many texts, those of a high one in a few.
WORDS, CUSTOMERS = 20_000, 1_200_000
ISSUES = ("refund", "payout", "safety", "damage", "access")
BODY = {"channel": "email", "impact": "money", "urgency": "today"}


def main(clients: int, seconds: float) -> None:
    """Print the row."""
    token, port = prepared(), free_port()
    queries, there = counted(token), Case.objects.count()
    server = start_server(port)
    try:
        raise_cases(port, token, bodies(Random()), WARM_UP)
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
    row = [f"{there:,}", clients, len(taken), f"{len(taken) / wall:.0f}", f"{p50:.1f}", f"{p95:.1f}", queries, *cpu]
    print(json.dumps(row))


def prepared() -> str:
    """Issue types, the first policies in place of the filled ones, who listens, and somebody's token, who works everywhere."""
    user, made = User.objects.get_or_create(email="bench@bench.example", defaults={"name": "Bench"})
    if made:
        IssueType.objects.bulk_create(IssueType(code=code, name=code.title(), level=1) for code in ISSUES)
        Policy.objects.filter(subject_kind="case").update(archived_at=timezone.now())
        starters = [(one, one.minutes) for one in kind_of("case").starters]
        create_starters(actor=SYSTEM, subject_kind="case", calendar_id=None, chosen=starters)
        for service in Service.objects.all():
            Membership.objects.create(user=user, role="associate", service=service)
        for site in Site.objects.all():
            Membership.objects.create(user=user, role="coordinator", site=site)
        listen()
    return create_token(actor=actor_for(user), name="Bench", scopes=["cases:write"], days=1)[1]


def listen() -> None:
    """Another system hears of every case; what it is sent stays in the outbox, as no worker runs."""
    user = User.objects.create(email="administrator@bench.example", name="Administrator")
    Membership.objects.create(user=user, role="administrator")
    administrator = actor_for(user)
    target = create_target(actor=administrator, name="Bench", url="http://127.0.0.1:9/")
    services = list(Service.objects.values_list("pk", flat=True))
    subscribe(actor=administrator, target_id=target.pk, events=list(Happening.values), service_ids=services)


def headers(token: str) -> dict[str, str]:
    """Of one request, with a key of its own."""
    return {
        "Host": "localhost", "Content-Type": "application/json", "Authorization": f"Bearer {token}",
        "Idempotency-Key": uuid.uuid4().hex,
    }  # fmt: skip


def counted(token: str) -> int:
    """How many statements a case costs; the first request also notes that the token is used."""
    client = Client()
    said = bodies(Random())
    client.post("/api/v1/cases", next(said), content_type="application/json", headers=headers(token))
    with CaptureQueriesContext(connection) as asked:
        answer = client.post("/api/v1/cases", next(said), content_type="application/json", headers=headers(token))
    if answer.status_code != 201 or settings.API_REQUESTS_PER_MINUTE < 10**6:
        raise SystemExit(f"{answer.status_code}: {answer.content.decode()}")
    if not CaseSequence.objects.filter(case=answer.json()["ref"].removeprefix("EC-")).exists():
        raise SystemExit("nobody was told of the case")
    return len(asked)


def bodies(chance: Random) -> Iterator[bytes]:
    """Cases with subjects, words and customers as in the filled database; one in twenty is Chinese."""
    while True:
        number, customer = chance.randrange(90_000_000), f"C{chance.randrange(CUSTOMERS)}"
        subject = f"Guest of booking HM{number} asks for {words(chance, 1)} because of {words(chance, 1)}"
        text = f"The guest says that the host cancelled and asks for a refund of booking HM{number} {words(chance, 12)}"
        if not chance.randrange(20):
            subject = f"客人说退款一直没有到账 {number % 50_000}"
            text = f"客人说退款一直没有到账，希望尽快处理。订单 {number} {words(chance, 3)}"
        asked = {
            "service": f"s{chance.randint(1, 4)}", "site": f"S{chance.randint(1, 12)}", "issue_type": chance.choice(ISSUES),
            "customer_ref": customer, "subject": subject, "description": text,
        }  # fmt: skip
        yield json.dumps(BODY | asked).encode()


def words(chance: Random, count: int) -> str:
    """So many of them."""
    return " ".join(f"word{int(WORDS * chance.random() ** 3)}" for _ in range(count))


def raise_cases(port: int, token: str, said: Iterator[bytes], count: int = 0, until: float = 0) -> list[float]:
    """So many cases, or as many as there is time for; milliseconds of each."""
    link, found = http.client.HTTPConnection("127.0.0.1", port, timeout=120), []
    while len(found) < count or time.perf_counter() < until:
        asked, begin = next(said), time.perf_counter()
        link.request("POST", "/api/v1/cases", asked, headers(token))
        answer = link.getresponse()
        text = answer.read()
        if answer.status != 201:
            raise SystemExit(f"{answer.status}: {text.decode()}")
        found.append((time.perf_counter() - begin) * 1000)
    return found


def together(port: int, token: str, clients: int, seconds: float) -> list[float]:
    """Several clients at once."""
    until, parts = time.perf_counter() + seconds, [[] for _ in range(clients)]

    def one(part: list[float], said: Iterator[bytes]) -> None:
        part += raise_cases(port, token, said, until=until)

    threads = [threading.Thread(target=one, args=(part, bodies(Random()))) for part in parts]
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
