"""Hand-overs that wait for consent, and questions to colleagues."""

from tests.web.matrix.rows import Row, row

_NO_POST = "405 405 405 405 405 405 405 405 405 405 405 405 405 405"
_LIST = "302 200 200 200 200 200 404 404 404 404 200 404 200 200"
_READ = "302 200 200 200 200 200 404 404 404 404 200 404 404 200"
_SAID = "302 403 422 422 422 422 404 404 404 404 403 404 404 422"
_ASKED = "302 403 200 200 200 200 403 403 404 404 403 404 404 200"
_UNFIT = "302 403 422 422 422 422 403 403 404 404 403 404 404 422"

#    anon adm coo man ass sle lea qa  age it  aud fle fco sta
ROWS: dict[str, Row] = {
    "escalations:case-handover": row(_ASKED, _UNFIT, "ref"),
    "escalations:case-consult": row(_ASKED, _UNFIT, "ref"),
    "escalations:case-handing": row(_READ, _NO_POST, "ref"),
    "escalations:handovers": row(_LIST, _NO_POST),
    "escalations:handover": row(_READ, _SAID, "handover"),
    "escalations:consults": row(_LIST, _NO_POST),
    "escalations:consult": row(_READ, _SAID, "consult"),
}
