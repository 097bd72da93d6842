"""Doors for the workers."""

from celery import shared_task

from . import rendering
from .actions import files, freezing, making, series


@shared_task(name="reviews.make_packs", acks_late=True, ignore_result=True, expires=60)
def make_packs() -> int:
    """Make the packs that are due; how many are new."""
    return making.make_packs()


@shared_task(name="reviews.freeze_packs", acks_late=True, ignore_result=True, expires=60)
def freeze_packs() -> int:
    """Freeze the numbers of packs that wait; how many."""
    return freezing.freeze_packs()


@shared_task(name="reviews.render_files", acks_late=True, ignore_result=True, expires=60)
def render_files() -> int:
    """Make the files of packs that wait; how many."""
    return files.render_files(rendering.render)


@shared_task(name="reviews.make_meetings", acks_late=True, ignore_result=True, expires=600)
def make_meetings() -> int:
    """Make the meetings of series for the next weeks; how many are new."""
    return series.make_meetings()
