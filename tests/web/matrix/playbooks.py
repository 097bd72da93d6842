"""Playbooks: on a case, and how they are made."""

from tests.web.matrix.rows import Row, row

#    anon adm coo man ass sle lea qa  age it  aud fle fco sta
ROWS: dict[str, Row] = {
    "escalations:case-playbook": row(
        "302 200 200 200 200 200 404 404 404 404 200 404 404 200",
        "405 405 405 405 405 405 405 405 405 405 405 405 405 405",
        "ref",
    ),
    "escalations:case-step": row(
        "405 405 405 405 405 405 405 405 405 405 405 405 405 405",
        "302 403 422 422 422 422 404 404 404 404 403 404 404 422",
        "case_step",
    ),
}
