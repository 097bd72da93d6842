"""Packs: a draft of the site, and a revision of another week."""

from tests.web.matrix.rows import Row, row

#    anon adm coo man ass sle lea qa  age it  aud fle fco sta
NOT_GOT = "405 405 405 405 405 405 405 405 405 405 405 405 405 405"
READ = "302 200 200 200 404 404 200 200 404 404 200 404 404 200"
ROWS: dict[str, Row] = {
    "reviews:packs": row("302 200 200 200 404 404 200 200 404 404 200 200 200 200", NOT_GOT),
    "reviews:check": row("302 200 200 200 404 404 200 200 404 404 200 200 200 200", NOT_GOT),
    "reviews:pack": row(READ, NOT_GOT, "pack"),
    "reviews:pack_progress": row(READ, NOT_GOT, "pack"),
    "reviews:pack_changes": row(READ, NOT_GOT, "pack_revision"),
    "reviews:pack_comment": row(NOT_GOT, "302 403 422 422 404 404 422 403 404 404 403 404 404 422", "pack"),
    "reviews:pack_acknowledge": row(NOT_GOT, "302 403 302 302 404 404 302 403 404 404 403 404 404 302", "pack"),
    "reviews:pack_publish": row(NOT_GOT, "302 403 403 302 404 404 403 403 404 404 403 404 404 403", "pack"),
    "reviews:pack_revise": row(NOT_GOT, "302 403 422 422 404 404 403 403 404 404 403 404 404 422", "pack"),
    "reviews:pack_retry": row(NOT_GOT, "302 403 302 302 404 404 403 403 404 404 403 404 404 302", "pack"),
}
