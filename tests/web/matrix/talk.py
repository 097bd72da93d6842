"""What colleagues tell each other: shifts that are handed over, mentions in notes, feedback on closed cases."""

from tests.web.matrix.rows import Row, row

_NO_POST = "405 405 405 405 405 405 405 405 405 405 405 405 405 405"

#    anon adm coo man ass sle lea qa  age it  aud fle fco sta
ROWS: dict[str, Row] = {
    "escalations:case-people": row("302 403 200 200 200 200 403 403 404 404 403 404 404 200", _NO_POST, "ref"),
    "escalations:mentions": row("302 200 200 200 200 200 404 404 404 404 200 404 200 200", _NO_POST),
    "escalations:mentions-read": row(_NO_POST, "302 404 404 404 404 404 404 404 404 404 404 404 404 404"),
    "escalations:case-feedback": row(
        "302 403 403 403 200 403 403 403 404 404 403 404 404 403",
        "302 403 403 403 422 403 403 403 404 404 403 404 404 403",
        "closed",
    ),
    "escalations:feedback": row("302 404 200 200 200 200 404 404 404 404 404 404 200 404", _NO_POST),
    "escalations:feedback-one": row(
        "302 404 404 404 200 200 404 404 404 404 404 404 404 404",
        "302 404 404 404 403 422 404 404 404 404 404 404 404 404",
        "feedback",
    ),
    "escalations:feedback-change": row(
        "302 404 404 404 200 403 404 404 404 404 404 404 404 404",
        "302 404 404 404 422 403 404 404 404 404 404 404 404 404",
        "feedback",
    ),
    "escalations:shift": row(
        "302 404 200 200 200 200 404 404 404 404 404 404 200 404",
        "302 404 422 422 422 422 404 404 404 404 404 404 422 404",
    ),
    "escalations:shift-today": row("302 404 200 404 200 200 404 404 404 404 404 404 200 200", _NO_POST),
    "escalations:shift-handed": row("302 404 404 404 200 200 404 404 404 404 404 404 404 404", _NO_POST, "shift"),
    "escalations:shift-take": row(
        _NO_POST,
        "302 404 404 404 302 403 404 404 404 404 404 404 404 404",
        "shift",
    ),
}
