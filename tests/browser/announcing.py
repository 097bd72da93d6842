"""For a Celery worker (`--include tests.browser.announcing`): after each task its name goes out on the channel `done`."""

import os

import psycopg
from celery.signals import task_postrun


@task_postrun.connect
def announce(task: object = None, **more: object) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as other:
        other.execute("SELECT pg_notify('done', %s)", [str(getattr(task, "name", ""))])
