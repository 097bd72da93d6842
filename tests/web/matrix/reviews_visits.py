"""Site visits and their checklists."""

from tests.web.matrix.rows import Row, row

_NO = "405 405 405 405 405 405 405 405 405 405 405 405 405 405"
# Who goes and looks; who reads the report.
_ACTS = "302 403 302 302 404 404 403 403 404 404 403 404 404 302"
_EMPTY = "302 403 400 400 404 404 403 403 404 404 403 404 404 400"
# The visit is under way: its report is not there for the partner's side yet.
_READS = "302 200 200 200 404 404 404 404 404 404 200 404 404 200"
# Who writes checklists: the company, wherever they work.
_FORM = "302 200 200 200 404 404 404 404 404 404 403 404 200 200"
_FAULTY = "302 422 422 422 404 404 404 404 404 404 403 404 422 422"
_PRESSES = "302 302 302 302 404 404 404 404 404 404 403 404 302 302"

#    anon adm coo man ass sle lea qa  age it  aud fle fco sta
ROWS: dict[str, Row] = {
    "reviews:visits": row("302 200 200 200 404 404 200 200 404 404 200 200 200 200", _NO),
    "reviews:visit": row("302 302 200 200 404 404 200 200 404 404 302 404 404 200", _ACTS, "site_visit"),
    "reviews:visit_worker": row("200 200 200 200 200 200 200 200 200 200 200 200 200 200", _NO),
    "reviews:visit_begin": row(_NO, _ACTS, "site_visit"),
    "reviews:visit_finish": row(_NO, _ACTS, "site_visit"),
    "reviews:visit_report": row(_READS, _NO, "site_visit"),
    "reviews:visit_pdf": row(_READS, _NO, "site_visit"),
    "reviews:visit_changes": row(_NO, _EMPTY, "site_visit"),
    "reviews:visit_photos": row(_NO, _EMPTY, "site_visit"),
    "reviews:visit_photo_remove": row(_NO, _ACTS, "visit_photo"),
    "reviews:checklists": row("302 200 200 200 404 404 404 404 404 404 200 404 200 200", _NO),
    "reviews:checklist": row("302 200 200 200 404 404 404 404 404 404 200 404 200 200", _NO, "checklist"),
    "reviews:checklist_new": row(_FORM, _FAULTY),
    "reviews:checklist_change": row(_FORM, _FAULTY, "checklist"),
    "reviews:checklist_archive": row(_NO, _PRESSES, "checklist"),
    "reviews:checklist_draft": row(_NO, _PRESSES, "checklist"),
    "reviews:checklist_release": row(_NO, _PRESSES, "checklist"),
    "reviews:checklist_arrange": row(_NO, "302 400 400 400 404 404 404 404 404 404 403 404 400 400", "checklist"),
    "reviews:section_new": row(_FORM, _FAULTY, "checklist"),
    "reviews:section_change": row(_FORM, _FAULTY, "checklist_section"),
    "reviews:question_new": row(_FORM, _FAULTY, "checklist_section"),
    "reviews:question_change": row(_FORM, _FAULTY, "checklist_question"),
}
