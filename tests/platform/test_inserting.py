"""Rows that are put in without the ORM are what the ORM would have written."""

from datetime import timedelta

import pytest
from django.db import DataError, IntegrityError, transaction
from django.forms.models import model_to_dict
from django.utils import timezone

from portal.api.models import IdempotentRequest
from portal.inserting import MOST, insert
from sla.models import Clock
from tests.factories.api import ApiTokenFactory

pytestmark = pytest.mark.django_db


def clock(number: int, metric: str = "first_response") -> Clock:
    at = timezone.now()
    plan = {"plan_at": [at, at + timedelta(hours=1)], "plan_code": ["warned:50", "breached:0"], "next_event_at": at}
    return Clock(subject_kind="case", subject_id=number, metric=metric, started_at=at, due_at=at, **plan)


@pytest.mark.parametrize("many", [0, 1, 2, MOST + 1])
def test_each_row_gets_its_own_key_and_keeps_every_field(many: int) -> None:
    made = [clock(number) for number in range(1, many + 1)]
    insert(made)
    assert [Clock.objects.get(subject_id=one.subject_id).pk for one in made] == [one.pk for one in made]
    for one in made:
        assert model_to_dict(Clock.objects.get(pk=one.pk)) == model_to_dict(one)
        one.plan_pos = 1
        one.save(update_fields=["plan_pos"])
    assert Clock.objects.filter(plan_pos=1).count() == many


def test_what_does_not_fit_is_refused_and_not_cut() -> None:
    with pytest.raises(DataError), transaction.atomic():
        insert([clock(1, metric="x" * 41)])
    insert([clock(1)])
    with pytest.raises(IntegrityError), transaction.atomic():
        insert([clock(1)])
    assert Clock.objects.count() == 1


def test_json_and_keys_of_others() -> None:
    token, body = ApiTokenFactory(), {"ref": "EC-1", "says": 'a "word" %s'}
    insert([IdempotentRequest(token_id=token.pk, key="one", request_hash="a", status=201, body=body)])
    found = IdempotentRequest.objects.get()
    assert (found.token_id, found.body) == (token.pk, body)
