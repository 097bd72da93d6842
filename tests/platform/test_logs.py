"""Log lines in production."""

import json
import logging

from portal.audit.context import request_id
from portal.logs import JsonFormatter, RequestIdFilter


def written(record: logging.LogRecord) -> dict[str, object]:
    RequestIdFilter().filter(record)
    found: dict[str, object] = json.loads(JsonFormatter().format(record))
    return found


def test_a_line_is_an_object_with_the_request_it_belongs_to() -> None:
    token = request_id.set("a-request-1")
    try:
        record = logging.makeLogRecord(
            {"msg": "closed %s", "args": ("大小",), "levelname": "INFO", "name": "sla", "case": "EC-1"}
        )
        line = written(record)
    finally:
        request_id.reset(token)
    assert line.pop("time")
    assert line == {
        "level": "INFO",
        "logger": "sla",
        "message": "closed 大小",
        "request_id": "a-request-1",
        "case": "EC-1",
    }


def test_what_does_not_serialise_is_left_out() -> None:
    line = written(logging.makeLogRecord({"msg": "Not Found", "request": object(), "status_code": 404}))
    assert "request" not in line
    assert line["status_code"] == 404


def test_a_line_stays_one_line() -> None:
    text = JsonFormatter().format(logging.makeLogRecord({"msg": "two\nlines", "request_id": ""}))
    assert "\n" not in text
