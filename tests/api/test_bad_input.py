"""What is no request of ours: refused in one form, and nothing half-written."""

import pytest
from django.test import Client

from escalations.models import Case, Service, TimelineEntry
from portal.api.models import IdempotentRequest
from tests.factories.api import Program

pytestmark = pytest.mark.django_db
GOOD = b'{"service": "payments", "site": "DLC", "subject": "Refund stuck"}'


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 415, "not_our_type"),
        (b"{", 400, "not_json"),
        (b"[]", 400, "not_json"),
        (b"null", 400, "not_json"),
        (b'"text"', 400, "not_json"),
        (b'{"subject": "\xff\xfe"}', 400, "not_json"),
        ('{"subject": "Größe"}'.encode("latin-1"), 400, "not_json"),
        (GOOD.decode().encode("utf-16"), 400, "not_json"),
        (b"\xef\xbb\xbf" + GOOD, 400, "not_json"),
        (b'{"service": "a", "service": "payments", "site": "DLC", "subject": "x"}', 400, "not_json"),
        (b'{"severity": NaN}', 400, "not_json"),
        (b'{"severity": ' + b"9" * 5000 + b"}", 400, "not_json"),
        (b'{"severity": 1e999}', 422, "not_valid"),
        (b"[" * 100_000, 400, "not_json"),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, 413, "too_large"),
        (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, 400, "not_json"),
        (b" " * 20_000_000, 413, "too_large"),
        (GOOD + b"\x00", 400, "not_json"),
        (b'{"\\u0000": 1, "subject": "x"}', 422, "not_valid"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_bodies_that_are_refused(program: Program, service: Service, body: bytes, status: int, code: str) -> None:
    answer = program.post("/cases", body)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["code"] == code
    assert not Case.objects.exists()
    assert not TimelineEntry.objects.exists()
    assert not IdempotentRequest.objects.exists()


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/json; charset=latin-1",
        "",
        "json",
    ],
)
def test_only_json_in_utf_8_is_read(program: Program, service: Service, kind: str) -> None:
    headers = {"Authorization": f"Bearer {program.text}", "Idempotency-Key": "one"}
    answer = program.client.post("/api/v1/cases", GOOD, content_type=kind, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "not_our_type")
    good = program.client.post("/api/v1/cases", GOOD, content_type='application/json; charset="UTF-8"', headers=headers)
    assert good.status_code == 201


def test_all_that_goes_wrong_has_one_form(program: Program) -> None:
    """Also where there is no route, for another method, and for a stranger."""
    headers = {"Authorization": f"Bearer {program.text}"}
    asked = [
        (program.client.get("/api/v1/nothing", headers=headers), 404),
        (program.client.get("/api/v1/cases/EC-1/nothing", headers=headers), 404),
        (program.client.get("/api/v1/cases/%00", headers=headers), 404),
        (program.client.get("/api/v1/cases/EC-99999999999999999999", headers=headers), 404),
        (program.client.delete("/api/v1/cases", headers=headers), 405),
        (program.client.put("/api/v1/cases/EC-1", headers=headers), 405),
        (Client().get("/api/v1/cases"), 401),
    ]
    for answer, status in asked:
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
        problem = answer.json()
        assert problem["status"] == status
        assert problem["request_id"] == answer["X-Request-ID"]
        assert answer["Cache-Control"] == "no-store"
    assert asked[4][0]["Allow"] == "GET, POST"


def test_a_refusal_speaks_the_language_of_the_request(program: Program) -> None:
    answer = program.get("/cases/EC-1", **{"Accept-Language": "zh-CN,zh;q=0.9"})
    assert answer["Content-Language"] == "zh-hans"
    assert answer.json()["title"] == "没有找到"


def test_an_error_of_ours_is_a_problem_too(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("escalations.api.reading.page_of_cases", broken)
    program.client.raise_request_exception = False
    answer = program.get("/cases")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert answer.json()["code"] == "error"
    assert "broken" not in answer.content.decode()
