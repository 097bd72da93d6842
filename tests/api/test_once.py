"""The same request again is answered as the first time, and done once."""

import pytest
from django.utils import timezone

from escalations.models import Case, Service
from portal.accounts.models import User
from portal.api import actions
from portal.api.models import IdempotentRequest
from tests.factories.api import Program

pytestmark = pytest.mark.django_db
BODY = {"service": "payments", "site": "DLC", "subject": "Refund stuck"}


def test_the_same_again_is_answered_as_before(program: Program, service: Service) -> None:
    first = program.post("/cases", BODY, key="one")
    again = program.post("/cases", dict(reversed(BODY.items())), key="one")
    assert (again.status_code, again.json()) == (201, first.json())
    assert (again["Idempotency-Replayed"], again["Location"]) == ("true", first["Location"])
    assert "Idempotency-Replayed" not in first
    assert Case.objects.count() == 1


def test_a_key_that_was_used_for_something_else_is_refused(program: Program, service: Service) -> None:
    program.post("/cases", BODY, key="one")
    answer = program.post("/cases", BODY | {"subject": "Another"}, key="one")
    assert (answer.status_code, answer.json()["code"]) == (422, "key_used")
    assert (
        program.post(f"/cases/{Case.objects.get().ref}/entries", {"kind": "note", "text": "x"}, key="one").status_code
        == 422
    )
    assert Case.objects.count() == 1


def test_what_was_refused_leaves_its_key_free(program: Program, service: Service) -> None:
    assert program.post("/cases", BODY | {"site": "NOWHERE"}, key="one").status_code == 422
    assert not IdempotentRequest.objects.exists()
    assert program.post("/cases", BODY, key="one").status_code == 201


def test_keys_of_two_tokens_have_nothing_to_do_with_each_other(
    program: Program, coordinator: User, service: Service
) -> None:
    program.post("/cases", BODY, key="one")
    answer = Program(coordinator).post("/cases", BODY, key="one")
    assert "Idempotency-Replayed" not in answer
    assert Case.objects.count() == 2


@pytest.mark.parametrize("key", ["", "with space", "ключ", "x" * 101, "a\x7f"])
def test_a_key_is_needed_and_fits(program: Program, service: Service, key: str) -> None:
    answer = program.post("/cases", BODY, key=key)
    assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, "header.Idempotency-Key")
    assert not Case.objects.exists()


def test_answers_are_forgotten_after_a_day(program: Program, service: Service) -> None:
    program.post("/cases", BODY, key="old")
    IdempotentRequest.objects.update(created_at=timezone.now() - actions.KEPT_ANSWERS)
    program.post("/cases", BODY, key="new")
    actions.prune()
    assert list(IdempotentRequest.objects.values_list("key", flat=True)) == ["new"]
