"""Who acknowledges while somebody comments."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from reviews.choices import Side
from reviews.models import Acknowledgement
from tests.databases import Database
from tests.factories.accounts import UserFactory
from tests.factories.reviews import acknowledge, comment, draft, draft_hash
from tests.reviews.test_database import PUBLISH, refused, run

pytestmark = pytest.mark.processes


def test_who_acknowledges_while_somebody_comments_waits_for_it(fresh_database: Database) -> None:
    pack, lead, manager = draft(), UserFactory.create(), UserFactory.create()
    seen = draft_hash(pack)
    acknowledge(pack, lead, Side.PARTNER, content_hash=seen)

    def late() -> None:
        try:
            Acknowledgement.objects.create(
                pack=pack, side=Side.COMPANY, by=manager, content_hash=seen, at=timezone.now() - timedelta(hours=1)
            )
        finally:
            connection.close()

    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
    with fresh_database.connect() as watcher:
        with transaction.atomic():
            comment(pack, lead)
            thread = threading.Thread(target=late)
            thread.start()
            while not watcher.execute(waiting, [fresh_database.name]).fetchone():
                pass
        thread.join()
    with refused("pack_acknowledged"):
        run(PUBLISH, pack=pack.pk, by=manager.pk)
