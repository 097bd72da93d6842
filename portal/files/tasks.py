"""What workers do for this room; safe to run twice at once and to be killed anywhere."""

from celery import shared_task

from portal.files import actions


@shared_task(name="files.purge")
def purge() -> None:
    """Forget what nobody attached within a day, and bytes without a row."""
    while actions.purge_orphans() >= actions.PURGED_AT_ONCE:
        pass
    actions.purge_strays()
