"""Briefs of a case and the copies that readers have."""

from tests.web.matrix.rows import Row, row

#    anon adm coo man ass sle lea qa  age it  aud fle fco sta
ROWS: dict[str, Row] = {
    "escalations:case-briefs": row(
        "302 200 200 200 200 200 404 404 404 404 200 404 404 200",
        "405 405 405 405 405 405 405 405 405 405 405 405 405 405",
        "ref",
    ),
    "escalations:case-brief-new": row(
        "302 403 200 200 200 200 404 404 404 404 403 404 404 200",
        "302 403 422 422 422 422 404 404 404 404 403 404 404 422",
        "ref",
    ),
    "escalations:case-brief": row(
        "302 200 200 200 200 200 404 404 404 404 200 404 404 200",
        "405 405 405 405 405 405 405 405 405 405 405 405 405 405",
        "brief",
    ),
    "escalations:case-brief-give": row(
        "302 403 200 200 200 200 404 404 404 404 403 404 404 200",
        "302 403 422 422 422 422 404 404 404 404 403 404 404 422",
        "brief",
    ),
    "escalations:brief-copy": row(
        "302 200 200 200 200 200 200 404 404 404 200 404 404 200",
        "405 405 405 405 405 405 405 405 405 405 405 405 405 405",
        "brief_copy",
    ),
    "escalations:brief-copy-pdf": row(
        "302 200 200 200 200 200 200 404 404 404 200 404 404 200",
        "405 405 405 405 405 405 405 405 405 405 405 405 405 405",
        "brief_copy",
    ),
}
