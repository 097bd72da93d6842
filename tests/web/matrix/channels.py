"""Systems that write to us for customers, and systems that hear of cases. Both are kept by administrators."""

from tests.web.matrix.rows import Row, row

_ADMINISTRATORS = "302 200 404 404 404 404 404 404 404 404 404 404 404 404"
_NEVER = "405 405 405 405 405 405 405 405 405 405 405 405 405 405"
_DONE = "302 302 404 404 404 404 404 404 404 404 404 404 404 404"
_FORM = "302 422 404 404 404 404 404 404 404 404 404 404 404 404"

#    anon adm coo man ass sle lea qa  age it  aud fle fco sta
ROWS: dict[str, Row] = {
    "escalations:channels": row(_ADMINISTRATORS, _NEVER),
    "escalations:channel-new": row(_ADMINISTRATORS, _FORM),
    "escalations:channel": row(_ADMINISTRATORS, _NEVER, "channel"),
    "escalations:channel-change": row(_ADMINISTRATORS, _FORM, "channel"),
    "escalations:channel-switch": row(_NEVER, _DONE, "channel"),
    "escalations:channel-secret": row(_NEVER, _ADMINISTRATORS, "channel"),
    "escalations:channel-messages": row(_ADMINISTRATORS, _NEVER),
    "escalations:channel-retry": row(_NEVER, _DONE, "channel_message"),
    "escalations:channel-put-away": row(_NEVER, _DONE, "channel_message"),
    "escalations:case-events": row(_ADMINISTRATORS, _NEVER),
    "escalations:case-event-new": row(_ADMINISTRATORS, _FORM),
    "escalations:case-event": row(_ADMINISTRATORS, _NEVER, "case_event"),
    "escalations:case-event-change": row(_ADMINISTRATORS, _FORM, "case_event"),
    # Whoever is signed in is as unknown there as anybody: it looks at signatures alone, and at what is sent first.
    "escalations:channel-door": row(_NEVER, "415 415 415 415 415 415 415 415 415 415 415 415 415 415", "channel_door"),
}
