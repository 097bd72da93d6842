"""Hints of cases that may be the same: subjects of rare and common words, Chinese, a customer, a number, at a million cases."""

import argparse
import json
import subprocess
import sys

from bench.databases import Bench, database, table
from bench.search_tenant import LEAD
from bench.tenant import CASES, DIRECTORY, OPEN_AT_MOST

SIZE = 1_000_000
# Words of a low number stand in many subjects, those of a high one in a few; one in twenty is Chinese.
_SUBJECTS = """
LATERAL (SELECT CASE WHEN i %% 20 = 0 THEN '客人说退款一直没有到账 ' || i %% 50000
  ELSE 'Guest of booking HM' || (i * 7919::bigint) %% 90000000 || ' asks for word' || floor(20000 * power(random(), 3))::int
    || ' because of word' || floor(20000 * power(random(), 3))::int END AS subject) AS said
"""
_INDEXED = """
to_tsvector('simple', CASE WHEN i %% 20 = 0 THEN
  '客 人 说 退 款 一 直 没 有 到 账 客人 人说 说退 退款 款一 一直 直没 没有 有到 到账 ' || i %% 50000 ELSE said.subject END)
"""
_ORIGINS = """
INSERT INTO escalations_caseorigin (case_id, source, external_ref, content_hash, facts)
SELECT id, 'old', 'BK-' || id, '', '{}' FROM escalations_case
"""


def fill(bench: Bench) -> None:
    """A million cases, one in ten of them open; half of the rest were solved within the last seven days."""
    made = CASES.replace("'Guest case ' || i || ' about topic ' || i %% 997", "said.subject")
    made = made.replace("to_tsvector('simple', 'guest case ' || i || ' topic ' || i %% 997)", _INDEXED)
    made = made.replace("FROM generate_series(1, %(cases)s) i,", f"FROM generate_series(1, %(cases)s) i, {_SUBJECTS},")
    with bench.connect() as link:
        link.execute("ALTER TABLE escalations_case DISABLE TRIGGER USER")
        link.execute(DIRECTORY)
        link.execute(LEAD)
        link.execute("DROP INDEX case_subject_words")
        link.execute(made, {"cases": SIZE, "open": OPEN_AT_MOST})
        link.execute("CREATE INDEX case_subject_words ON escalations_case USING gin (subject gin_trgm_ops)")
        link.execute(_ORIGINS)
        link.execute("ALTER TABLE escalations_case ENABLE TRIGGER USER")
        link.execute("VACUUM (ANALYZE)")


def run(options: argparse.Namespace) -> None:
    """Fill the database once, then print a row per question and reader."""
    bench = database("bench_hints")
    if bench.is_new:
        fill(bench)
    bench.manage("collectstatic", "--noinput", "--verbosity", "0")
    command = [sys.executable, "-m", "bench.hints_rows", str(options.requests)]
    done = subprocess.run(command, env=bench.env, check=True, stdout=subprocess.PIPE, text=True)
    rows = json.loads(done.stdout.splitlines()[-1])
    head = ["typed", "text", "by", "hints", "queries", "p50 ms", "p95 ms"]
    table(f"Hints while a case is raised, at {SIZE:,} cases; whole response over HTTP, one client", head, rows)
