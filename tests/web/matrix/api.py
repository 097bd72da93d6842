"""The REST API and its tokens. Its routes look at tokens alone: whoever is signed in is as unknown to them as anybody."""

from tests.web.matrix.rows import Row, row

_NOBODY = "401 401 401 401 401 401 401 401 401 401 401 401 401 401"
_NEVER = "405 405 405 405 405 405 405 405 405 405 405 405 405 405"
_NOTHING = "404 404 404 404 404 404 404 404 404 404 404 404 404 404"

#    anon adm coo man ass sle lea qa  age it  aud fle fco sta
ROWS: dict[str, Row] = {
    "api:tokens": row(
        "302 200 200 200 200 200 200 200 200 200 200 200 200 200",
        "302 422 422 422 422 422 422 422 422 422 422 422 422 422",
    ),
    "api:all_tokens": row(
        "302 200 404 404 404 404 404 404 404 404 404 404 404 404",
        _NEVER,
    ),
    "api:token_revoke": row(
        _NEVER,
        "302 302 302 404 404 404 404 404 404 404 404 404 404 404",
        "api_token",
    ),
    "api_v1:reference": row(
        "302 200 200 200 200 200 200 200 200 200 200 200 200 200",
        _NEVER,
    ),
    "api_v1:openapi": row(
        "302 200 200 200 200 200 200 200 200 200 200 200 200 200",
        _NEVER,
    ),
    "api_v1:cases": row(_NOBODY, _NOBODY),
    "api_v1:case": row(_NOBODY, _NEVER, "ref"),
    "api_v1:clocks": row(_NOBODY, _NEVER, "ref"),
    "api_v1:entries": row(_NOBODY, _NOBODY, "ref"),
    "api_v1:unknown": row(_NOTHING, _NOTHING, "api_rest"),
}
