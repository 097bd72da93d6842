"""Linked cases, hints of the same one, and what is split off."""

from tests.web.matrix.rows import Row, row

#    anon adm coo man ass sle lea qa  age it  aud fle fco sta
ROWS: dict[str, Row] = {
    "escalations:case-similar": row(
        "302 404 200 200 200 200 200 404 200 404 404 200 200 200",
        "405 405 405 405 405 405 405 405 405 405 405 405 405 405",
    ),
    "escalations:case-link": row(
        "302 403 200 200 200 200 403 403 404 404 403 404 404 200",
        "302 403 422 422 422 422 403 403 404 404 403 404 404 422",
        "ref",
    ),
    "escalations:case-linked": row(
        "302 200 200 200 200 200 404 404 404 404 200 404 404 200",
        "405 405 405 405 405 405 405 405 405 405 405 405 405 405",
        "ref",
    ),
    "escalations:case-unlink": row(
        "405 405 405 405 405 405 405 405 405 405 405 405 405 405",
        "302 403 302 302 302 302 403 403 404 404 403 404 404 302",
        "case_link",
    ),
    "escalations:case-apart": row(
        "405 405 405 405 405 405 405 405 405 405 405 405 405 405",
        "302 403 404 404 404 404 403 403 404 404 403 404 404 404",
        "ref",
    ),
    "escalations:case-split": row(
        "302 403 200 200 200 200 403 403 404 404 403 404 404 200",
        "302 403 422 422 422 422 403 403 404 404 403 404 404 422",
        "message",
    ),
}
