"""Observations, findings, shared practices and themes."""

from tests.web.matrix.rows import Row, row

_NO = "405 405 405 405 405 405 405 405 405 405 405 405 405 405"
_READS = "302 200 200 200 404 404 200 200 404 404 200 404 404 200"
_LISTS = "302 200 200 200 404 404 200 200 404 404 200 200 200 200"
_RUNS = "302 403 200 200 404 404 403 403 404 404 403 404 404 200"
_RUNS_FAULTY = "302 403 422 422 404 404 403 403 404 404 403 404 404 422"
_RUNS_PRESSES = "302 403 302 302 404 404 403 403 404 404 403 404 404 302"
_FORM = "302 200 200 200 404 404 404 404 404 404 403 404 200 200"
_FAULTY = "302 422 422 422 404 404 404 404 404 404 403 404 422 422"

#    anon adm coo man ass sle lea qa  age it  aud fle fco sta
ROWS: dict[str, Row] = {
    "reviews:observations": row(_READS, _RUNS_FAULTY, "observed"),
    "reviews:observation_withdraw": row(_NO, _RUNS_PRESSES, "observation"),
    "reviews:findings": row(_LISTS, _NO),
    "reviews:finding_new": row(
        "302 403 200 200 404 404 200 200 404 404 403 200 200 200",
        "302 403 422 422 404 404 422 422 404 404 403 422 422 422",
    ),
    "reviews:finding": row(_READS, _NO, "finding"),
    "reviews:finding_change": row(_RUNS, _RUNS_FAULTY, "finding"),
    "reviews:finding_withdraw": row(_NO, _RUNS_PRESSES, "finding"),
    "reviews:finding_share": row(_RUNS, _RUNS_PRESSES, "finding"),
    "reviews:practices": row(_LISTS, _NO),
    # Of a site that nobody here sees, offered to theirs.
    "reviews:practice": row(_READS, "302 403 422 422 404 404 422 422 404 404 403 404 404 422", "practice"),
    "reviews:themes": row("302 200 200 200 404 404 404 404 404 404 200 404 200 200", _NO),
    "reviews:theme_new": row(_FORM, _FAULTY),
    "reviews:theme": row(_FORM, _FAULTY, "theme"),
}
