"""Several at once: two workers make the meetings of a series once, two writers lose nothing."""

import subprocess
import sys

import psycopg
import pytest

from reviews.actions import agenda, notes
from reviews.models import AgendaItem, Engagement, Series
from tests.databases import ROOT, Database
from tests.reviews.meeting_world import a_meeting, a_series, meeting_world
from tests.together import at_once

pytestmark = pytest.mark.processes
WORK = """
import django; django.setup()
from reviews.tasks import make_meetings
print(make_meetings(), flush=True)
"""
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"


def test_two_workers_make_each_meeting_once(fresh_database: Database) -> None:
    world = meeting_world()
    for _at in range(3):
        a_series(world)
    wanted = Engagement.objects.count()
    Engagement.objects.update(series=None, occurrence=None)
    Series.objects.update(made_until=None)
    with psycopg.connect(fresh_database.owner_url) as holder:
        holder.execute("LOCK TABLE reviews_attendee IN ACCESS EXCLUSIVE MODE")
        workers = [
            subprocess.Popen([sys.executable, "-c", WORK], cwd=ROOT, env=fresh_database.env, stdout=subprocess.PIPE, text=True)
            for _at in range(2)
        ]  # fmt: skip
        with fresh_database.connect() as watcher:
            while (watcher.execute(WAITING, [fresh_database.name]).fetchone() or (0,))[0] != 2:
                pass
    made = [int(worker.communicate()[0]) for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0]
    assert sum(made) == wanted
    rows = Engagement.objects.filter(series__isnull=False)
    assert rows.count() == rows.values("series", "occurrence").distinct().count() == wanted


def test_writers_at_the_same_moment_lose_nothing(fresh_database: Database) -> None:
    world = meeting_world()
    meeting = a_meeting(world)
    item = agenda.add_topic(actor=world.actor(), pk=meeting.pk, title="Late shift")
    base = notes.save_notes(actor=world.actor(), pk=meeting.pk, item=item.pk, base=0, text="a\n\nb\n\nc").version
    texts = {"coordinator": "a of C\n\nb\n\nc", "manager": "a\n\nb\n\nc of M"}
    jobs = [
        lambda who=who, text=text: notes.save_notes(actor=world.actor(who), pk=meeting.pk, item=item.pk, base=base, text=text)
        for who, text in texts.items()
    ]  # fmt: skip
    assert at_once(*jobs) == ["done", "done"]
    assert AgendaItem.objects.get(pk=item.pk).notes == "a of C\n\nb\n\nc of M"
