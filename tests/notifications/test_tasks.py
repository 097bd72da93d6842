"""The worker's doors, under the names that the beat table uses."""

from portal.celery import app
from portal.notifications import tasks


def test_a_run_ends_well_before_the_next_one_begins() -> None:
    for entry in app.conf.beat_schedule.values():
        if entry["task"].startswith("notifications."):
            assert entry["options"]["expires"] <= float(entry["schedule"])
            assert float(entry["schedule"]) > tasks.RUN_SECONDS


def test_draining_stops_at_an_empty_batch() -> None:
    sizes = iter([5, 3, 0])
    assert tasks._drain(lambda: next(sizes)) == 8
