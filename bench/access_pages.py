"""Pages of access at 50,000 people, 60 systems and a million grants: board, matrix, IT queue, preview of a request for 500."""

import argparse
import json
import subprocess
import sys
from typing import Any

from bench.access import GRANTS_EACH, PEOPLE, SYSTEMS, fill
from bench.databases import ROOT, Bench, database, table

# A hundred people a site begin within three weeks; each still lacks half of what the job brings.
MORE = (
    """INSERT INTO accounts_user (email, name, password, language, time_zone, shortcuts_enabled, is_active, date_joined, session_version)
    SELECT n || '@bench.example', n, '!', 'en', 'UTC', true, true, now(), 1 FROM unnest(ARRAY['manager', 'it']) n""",
    """INSERT INTO accounts_membership (user_id, role, partner_id, is_lead, starts_at)
    SELECT u.id, 'partner_manager', p.id, false, now() - interval '1 year' FROM accounts_user u, partners_partner p
    WHERE u.email = 'manager@bench.example'""",
    """INSERT INTO accounts_membership (user_id, role, is_lead, starts_at)
    SELECT id, 'it_fulfilment', false, now() - interval '1 year' FROM accounts_user WHERE email = 'it@bench.example'""",
    """INSERT INTO access_requests_groupmember (group_id, user_id, starts_at)
    SELECT g.id, u.id, now() FROM access_requests_group g, accounts_user u WHERE u.email = 'it@bench.example'""",
    "INSERT INTO sla_calendar (name, name_zh) VALUES ('Weekdays', '')",
    """INSERT INTO sla_calendarversion (calendar_id, number, time_zone, hours, country, subdivision, exceptions, holidays, workdays, digest,
        created_at)
    SELECT id, 1, 'UTC', jsonb_build_object('mon', h, 'tue', h, 'wed', h, 'thu', h, 'fri', h), '', '', '{}', '{}', '[]', 'weekdays', now()
    FROM sla_calendar, (SELECT '[["09:00","18:00"]]'::jsonb AS h) hours""",
    "UPDATE partners_site SET calendar_id = (SELECT min(id) FROM sla_calendar)",
    """UPDATE partners_placement SET period = daterange(current_date - 14 + (person_id / 500 % 22)::int, NULL)
    WHERE person_id / 25 % 20 = 0""",
    """INSERT INTO access_requests_accessrequest (kind, origin, origin_key, site_id, reason, state, created_at, submitted_at, version)
    SELECT 'joiner', 'roster', 'bench:' || person_id, site_id, '', 'in_progress', now(), now(), 1 FROM partners_placement
    WHERE person_id / 25 % 20 = 0""",
    """INSERT INTO access_requests_requestitem (request_id, person_id, entitlement_id, operation, state, bundle_version_id, stage, round,
        verified_how, ticket, failure, generation, created_at, due_at, approved_at, sent_at)
    SELECT r.id, g.person_id, g.entitlement_id, 'grant', 'sent', v.id, 0, 1, '', '', '', 1, now() - interval '1 day',
        now() + (g.id %% 9 - 2) * interval '1 day', now() - interval '1 day', now() - interval '1 day'
    FROM access_requests_grant g JOIN access_requests_accessrequest r ON r.origin_key = 'bench:' || g.person_id
    CROSS JOIN access_requests_bundleversion v WHERE g.entitlement_id / 3 %% 2 = 0""",
    """UPDATE access_requests_grant g SET confirmed_at = NULL, verified_at = NULL FROM access_requests_requestitem i
    WHERE i.person_id = g.person_id AND i.entitlement_id = g.entitlement_id""",
    """INSERT INTO access_requests_sodrule (version, code, name, name_zh, left_id, right_id)
    SELECT 1, 'r' || a.id, 'Rule', '', a.id, a.id + 1 FROM access_requests_entitlement a WHERE a.id %% 3 = 0
    AND EXISTS (SELECT 1 FROM access_requests_entitlement b WHERE b.id = a.id + 1)""",
    "VACUUM (ANALYZE)",
)


def run(options: argparse.Namespace) -> None:
    """Fill a database once, measure the pages, and print one table."""
    bench = database("bench_access_pages")
    if bench.is_new:
        fill(bench)
        _more(bench)
    bench.manage("collectstatic", "--noinput", "--verbosity", "0")
    command = [sys.executable, "-m", "bench.access_pages", str(options.requests)]
    done = subprocess.run(command, env=bench.env, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    table(
        f"Pages of access ({PEOPLE:,} people, {SYSTEMS} systems, {PEOPLE * GRANTS_EACH:,} grants; whole response over HTTP, one client)",
        ["page", "queries", "p50 ms", "p95 ms", "kB"],
        json.loads(done.stdout.splitlines()[-1]),
    )


def _more(bench: Bench) -> None:
    with bench.connect() as connection:
        for statement in MORE:
            connection.execute(statement.replace("%%", "%"))


def main(count: int) -> None:
    """Print one JSON line: a row per page."""
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    from bench import measure  # sets Django up
    from portal.accounts.models import User

    port = measure.free_port()
    server = measure.start_server(port)
    rows: list[list[Any]] = []
    board, matrix = reverse("access:readiness"), reverse("access:matrix")
    pages = (
        ("manager", "readiness board of a site (100 joiners)", f"{board}?site=B1"),
        ("manager", "readiness of 25 sites (2,500 joiners)", board),
        ("manager", "matrix, all sites", matrix),
        ("manager", "matrix, a site", f"{matrix}?site=B1"),
        ("manager", "matrix, done and to confirm", f"{matrix}?state=claimed"),
        ("manager", "matrix, in conflict", f"{matrix}?state=conflict"),
        ("manager", "certificate of a person", reverse("access:certificate", args=[_person()])),
        ("it", "IT queue (25,000 items)", reverse("access:work")),
    )
    try:
        for who, name, path in pages:
            client = Client(HTTP_HOST="localhost")
            client.force_login(User.objects.get(email=f"{who}@bench.example"))
            rows.append(measure.measured(client, port, name, path, None, count)[:5])
    finally:
        server.terminate()
        server.wait(20)
    assert settings.configured
    rows.append(_preview(max(5, count // 10)))
    print(json.dumps(rows))


def _person() -> int:
    from access_requests.models import RequestItem

    return RequestItem.objects.order_by("pk").values_list("person_id", flat=True)[0]


def _preview(count: int) -> list[Any]:
    """What a request for 500 people would come to, in process."""
    import time

    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from access_requests.queries.preview import Wish, preview
    from bench import measure
    from partners import queries as directory
    from portal.accounts.rules import SYSTEM

    site = directory.sites_visible_to(SYSTEM).select_related("partner").get(code="B1")
    people = (
        directory.placements_visible_to(SYSTEM)
        .filter(site=site)
        .order_by("person_id")
        .values_list("person_id", flat=True)
    )
    wish = Wish("ad_hoc", tuple(people[:500]))
    with CaptureQueriesContext(connection) as asked:
        preview(site, wish, timezone.now())
    found = []
    for _again in range(count):
        begin = time.perf_counter()
        preview(site, wish, timezone.now())
        found.append((time.perf_counter() - begin) * 1000)
    p50, p95 = measure.percentiles(found)
    return ["preview of a request for 500 people (in process)", len(asked), f"{p50:.1f}", f"{p95:.1f}", ""]


if __name__ == "__main__":
    main(int(sys.argv[1]))
