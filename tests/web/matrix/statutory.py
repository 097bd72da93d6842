"""Deadlines by law: on a case, and how jurisdictions and terms are made."""

from tests.web.matrix.rows import Row, row

_NO_POST = "405 405 405 405 405 405 405 405 405 405 405 405 405 405"
# A refused form leaves its address in the browser: opened again, it leads to the page.
_BACK = "302 302 302 302 302 302 404 404 404 404 302 404 404 302"
_ADMIN_PRESSES = "302 {} 404 404 404 404 404 404 404 404 404 404 404 404"

#    anon adm coo man ass sle lea qa  age it  aud fle fco sta
ROWS: dict[str, Row] = {
    "escalations:case-regulate": row(
        "302 403 200 200 200 200 403 403 404 404 403 404 404 200",
        "302 403 422 422 422 422 403 403 404 404 403 404 404 422",
        "ref",
    ),
    "escalations:case-deadlines": row("302 200 200 200 200 200 404 404 404 404 200 404 404 200", _NO_POST, "ref"),
    "escalations:case-deadline-answer": row(_BACK, "302 403 422 422 422 422 404 404 404 404 403 404 404 422", "ref"),
    "escalations:case-deadline-lift": row(_BACK, "302 403 422 422 403 422 404 404 404 404 403 404 404 422", "ref"),
    "escalations:case-pack": row(
        "302 403 200 200 200 200 403 403 404 404 403 404 404 200",
        "302 403 422 422 422 422 403 403 404 404 403 404 404 422",
        "ref",
    ),
    "escalations:case-evidence": row("302 403 200 200 200 200 404 404 404 404 403 404 404 200", _NO_POST, "ref"),
    "escalations:case-evidence-news": row("302 403 200 200 200 200 404 404 404 404 403 404 404 200", _NO_POST, "ref"),
    "escalations:case-evidence-file": row(
        "302 403 404 404 404 404 404 404 404 404 403 404 404 404", _NO_POST, "evidence"
    ),
    "escalations:jurisdictions": row("302 200 404 404 404 404 404 404 404 404 200 404 404 404", _NO_POST),
    "escalations:jurisdiction-new": row(_ADMIN_PRESSES.format(200), _ADMIN_PRESSES.format(422)),
    "escalations:jurisdiction": row(
        "302 200 404 404 404 404 404 404 404 404 200 404 404 404",
        "302 422 404 404 404 404 404 404 404 404 403 404 404 404",
        "jurisdiction",
    ),
    "escalations:jurisdiction-archive": row(_NO_POST, _ADMIN_PRESSES.format(409), "jurisdiction"),
    "escalations:term-new": row(_NO_POST, _ADMIN_PRESSES.format(422), "jurisdiction"),
    "escalations:term-end": row(_ADMIN_PRESSES.format(200), _ADMIN_PRESSES.format(422), "term"),
}
