"""The beat table names tasks that exist, and every task that works by itself stands in it."""

import django.db.models  # noqa: F401 - tasks need Django's models loaded

from portal.celery import app


def test_every_entry_names_a_task_and_every_task_has_an_entry() -> None:
    app.autodiscover_tasks(force=True)
    # Started by mailbox.poll, one for each mailbox.
    started = {"mailbox.poll_one"}
    own = {name for name in app.tasks if not name.startswith("celery.")} - started
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} == own
