"""An item of a large request moves without all of its items being read."""

import pytest
from django.db import connection

from access_requests.models import RequestItem
from tests.access_requests.readiness_world import wave
from tests.factories.access import AccessRequestFactory, RequestItemFactory

pytestmark = pytest.mark.django_db
_READ = "SELECT coalesce(pg_stat_get_xact_tuples_returned('access_requests_requestitem'::regclass), 0)"


def _read() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_READ)
        return int(cursor.fetchone()[0])


def test_one_item_of_many_moves_by_the_index() -> None:
    made = wave()
    request = AccessRequestFactory.create(site=made.site)
    items = [
        RequestItemFactory.create(
            request=request, person=made.joiner(f"Agent {n}"), entitlement=made.desk, state="sent"
        )
        for n in range(30)
    ]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE access_requests_requestitem")
    # More often than a plan is made anew for its values.
    for item in items[:8]:
        RequestItem.objects.filter(pk=item.pk).update(state="claimed_done")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    before = _read()
    RequestItem.objects.filter(pk=items[9].pk).update(state="claimed_done")
    assert _read() == before
    request.refresh_from_db()
    assert request.state == "in_progress"
