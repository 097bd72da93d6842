"""The function that derives requests' states never reads the table through, whatever plan a session keeps."""

import pytest
from django.db import connection


@pytest.mark.django_db
def test_states_are_looked_up_by_their_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT proconfig FROM pg_proc WHERE proname = 'access_derive_requests'")
        (settings,) = cursor.fetchone()
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'item_request_state'")
        (index,) = cursor.fetchone()
    assert {"enable_nestloop=on", "enable_seqscan=off", "enable_bitmapscan=off"} <= set(settings)
    assert "(request_id, state)" in index
