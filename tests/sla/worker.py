"""For a Celery worker (`--include tests.sla.worker`): the tests' kind of subject and no other.

A row in `thing_trap` names a point inside a batch: whoever comes there says so on the channel `inside` and then waits for an
advisory lock that the test holds, with the batch's transaction open. After each task there is a word on `done`.
"""

import os
from collections.abc import Sequence
from dataclasses import replace

import psycopg
from celery.signals import task_postrun
from django.db import connection

from sla import registry
from tests.sla import subjects


def say(channel: str, text: str) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as other:
        other.execute("SELECT pg_notify(%s, %s)", [channel, text])


def trap(point: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid() FROM thing_trap WHERE point = %s", [point])
        found = cursor.fetchone()
        if found:
            say("inside", str(found[0]))
            cursor.execute("SELECT pg_advisory_lock(%s)", [subjects.TRAP_LOCK])


def lock(ids: Sequence[int]) -> list[int]:
    found = subjects.lock(ids)
    trap("locked")
    return found


def on_events(events: Sequence[registry.FiredEvent]) -> None:
    trap("fired")
    subjects.on_events(events)
    trap("written")


registry._kinds.clear()
registry.register_kind(replace(subjects.stored_kind(), lock=lock, on_events=on_events))


@task_postrun.connect
def announce(task: object = None, **more: object) -> None:
    say("done", str(getattr(task, "name", "")))
