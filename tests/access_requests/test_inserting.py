"""Items written from lists are what the model would have made, in the order that was asked for."""

from datetime import UTC, datetime

import pytest

from access_requests.actions.inserting import Fresh, insert
from access_requests.models import RequestItem
from tests.access_requests.readiness_world import wave
from tests.factories.access import AccessRequestFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 5, 3, 9, tzinfo=UTC)
UNTIL = datetime(2026, 8, 1, tzinfo=UTC)


def test_items_are_as_the_model_makes_them_and_in_order() -> None:
    made = wave()
    version = made.bundle.current
    assert version is not None
    request = AccessRequestFactory.create(site=made.site, due_at=datetime(2026, 5, 9, tzinfo=UTC))
    zhou, deng = made.joiner("Zhou Ting"), made.joiner("Deng Wei")
    rows = [
        Fresh(deng.pk, made.phone.pk, "revoke", None, None),
        Fresh(zhou.pk, made.desk.pk, "grant", version.pk, None),
        Fresh(deng.pk, made.desk.pk, "grant", None, UNTIL),
    ]
    items = insert(request, rows, at=AT, starts_at=None)
    given = [(one.person_id, one.entitlement_id, one.operation, one.ends_at, one.starts_at) for one in items]
    assert given == [(one.person_id, one.entitlement_id, one.operation, one.until, None) for one in rows]
    assert [one.pk for one in items] == sorted(one.pk for one in items)
    for item, row in zip(items, rows, strict=True):
        plain = RequestItem(
            request=request, person_id=row.person_id, entitlement_id=row.entitlement_id, operation=row.operation,
            bundle_version_id=row.bundle_version_id, ends_at=row.until, due_at=request.due_at, created_at=AT,
        )  # fmt: skip
        names = [field.attname for field in RequestItem._meta.concrete_fields if not field.primary_key]
        kept = RequestItem.objects.get(pk=item.pk)
        assert {name: getattr(kept, name) for name in names} == {name: getattr(plain, name) for name in names}


def test_nothing_is_written_for_nothing() -> None:
    request = AccessRequestFactory.create(site=wave().site)
    assert insert(request, [], at=AT, starts_at=None) == []
