"""Actions. The action is of the coordinator's site, raised by them, owned by its lead, and open."""

from tests.web.matrix.rows import Row, row

#    anon adm coo man ass sle lea qa  age it  aud fle fco sta
ROWS: dict[str, Row] = {
    "reviews:actions": row(
        "302 200 200 200 404 404 200 200 404 404 200 200 200 200",
        "405 405 405 405 405 405 405 405 405 405 405 405 405 405",
    ),
    "reviews:action_board": row(
        "302 200 200 200 404 404 200 200 404 404 200 200 200 200",
        "405 405 405 405 405 405 405 405 405 405 405 405 405 405",
    ),
    "reviews:action_new": row(
        "302 403 200 200 404 404 200 200 404 404 403 200 200 200",
        "302 403 422 422 404 404 422 422 404 404 403 422 422 422",
    ),
    "reviews:action": row(
        "302 200 200 200 404 404 200 200 404 404 200 404 404 200",
        "405 405 405 405 405 405 405 405 405 405 405 405 405 405",
        "action",
    ),
    "reviews:action_change": row(
        "302 403 200 200 404 404 403 403 404 404 403 404 404 200",
        "302 403 422 422 404 404 403 403 404 404 403 404 404 422",
        "action",
    ),
    "reviews:action_act": row(
        "405 405 405 405 405 405 405 405 405 405 405 405 405 405",
        "302 403 403 403 404 404 302 302 404 404 403 404 404 403",
        "action_taken",
    ),
}
