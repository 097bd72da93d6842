"""Playbooks: on a case, and how they are made."""

from tests.web.matrix.rows import Row, row

_NO_POST = "405 405 405 405 405 405 405 405 405 405 405 405 405 405"
_READ = "302 200 200 200 200 200 404 404 404 404 200 404 200 200"
_EDIT = "302 200 403 403 403 200 404 404 404 404 403 404 403 403"
_UNFIT = "302 422 403 403 403 422 404 404 404 404 403 404 403 403"
_PRESSED = "302 302 403 403 403 302 404 404 404 404 403 404 403 403"
_BROKEN = "302 400 403 403 403 400 404 404 404 404 403 404 403 403"

#    anon adm coo man ass sle lea qa  age it  aud fle fco sta
ROWS: dict[str, Row] = {
    "escalations:case-playbook": row("302 200 200 200 200 200 404 404 404 404 200 404 404 200", _NO_POST, "ref"),
    "escalations:case-step": row(_NO_POST, "302 403 422 422 422 422 404 404 404 404 403 404 404 422", "case_step"),
    "escalations:playbooks": row(_READ, _NO_POST),
    "escalations:playbook": row(_READ, _NO_POST, "playbook"),
    "escalations:playbook-preview": row(_READ, _NO_POST, "playbook"),
    "escalations:playbook-new": row(
        "302 200 404 404 404 200 404 404 404 404 404 404 404 404",
        "302 422 404 404 404 422 404 404 404 404 404 404 404 404",
    ),
    "escalations:playbook-settings": row(_EDIT, _UNFIT, "playbook"),
    "escalations:playbook-archive": row(_NO_POST, _PRESSED, "playbook"),
    "escalations:playbook-draft": row(_NO_POST, _PRESSED, "playbook"),
    "escalations:playbook-publish": row(_NO_POST, _BROKEN, "playbook"),
    "escalations:playbook-arrange": row(_NO_POST, _BROKEN, "playbook"),
    "escalations:playbook-step-new": row(_EDIT, _UNFIT, "playbook"),
    "escalations:playbook-step": row(_EDIT, _UNFIT, "playbook_step"),
}
