"""Log lines as JSON objects, each with the id of the request that it belongs to."""

import logging
from datetime import UTC, datetime

from pythonjsonlogger.json import JsonFormatter as BaseJsonFormatter

from portal.audit.context import request_id


class RequestIdFilter(logging.Filter):
    """Gives each record the id of the request being served; an empty string outside of one."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the id; lets every record through."""
        if not hasattr(record, "request_id"):
            record.request_id = request_id.get()
        return True


class JsonFormatter(BaseJsonFormatter):
    """One object a line: time (UTC, ISO 8601), level, logger, message, request_id, and whatever was given as `extra`.

    What a record carries for Django's own use (the request, the socket) is left out: it does not serialise,
    and its text form may hold what a visitor typed.
    """

    def __init__(self) -> None:
        super().__init__(
            "%(levelname)s %(name)s %(message)s %(request_id)s",
            rename_fields={"levelname": "level", "name": "logger"},
            reserved_attrs=[
                *vars(logging.makeLogRecord({})),
                "message",
                "asctime",
                "request",
                "server_time",
                "taskName",
            ],
            json_ensure_ascii=False,
        )

    def add_fields(
        self, log_data: dict[str, object], record: logging.LogRecord, message_dict: dict[str, object]
    ) -> None:
        """Put the time first."""
        log_data["time"] = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        super().add_fields(log_data, record, message_dict)
