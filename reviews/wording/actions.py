"""Actions: what happened to them, and why something is not done, in the reader's language."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

EVENTS: Final[Mapping[str, Promise]] = {
    "action.raised": _("raised the action"),
    "action.changed": _("changed it"),
    "action.taken": _("took it on"),
    "action.done": _("says that it is done"),
    "action.verified": _("saw that it is done"),
    "action.sent_back": _("sent it back"),
    "action.dropped": _("dropped it"),
    "action.noted": _("noted"),
    "action.carried": _("took it over into %(title)s"),
    "action.overdue": _("It is overdue"),
    "action.escalated": _("It is overdue for a business day: those who answer for it were told"),
}
FIELDS: Final[Mapping[str, Promise]] = {
    "title": _("action"),
    "text": _("details"),
    "owner_id": _("owner"),
    "due_at": pgettext_lazy("field", "due day"),
    "kpi_id": _("KPI"),
    "expected_change": _("expected change"),
}
REFUSALS: Final[Mapping[str, Promise]] = {
    "owner_elsewhere": _("Choose somebody who may own actions at this place."),
    "owner_sees_no_case": _("The owner does not see the case. Choose somebody who does."),
    "action_due_past": _("Choose a day that is still to come."),
    "action_due_far": _("Choose a day within two years."),
    "action_moved_on": _("Meanwhile the action has moved on. See how it stands now."),
    "evidence_missing": _("Say what shows that it is done, or add a file."),
    "reason_missing": _("Say why."),
    "note_empty": _("Write something."),
    "action_two_people": _("Whoever did it or owns it does not verify it."),
}
EFFECTS: Final[Mapping[str, Promise]] = {
    "shift": _("The weeks after it show a shift to the side that was hoped for: a signal, not chance."),
    "chance": _("The weeks after it differ from those before by chance alone."),
    "other_side": _("The weeks after it show a shift, but to the other side."),
    "few_before": _("Fewer than six weeks before it have figures: too few for control limits."),
    "rolling": _("The figure rolls over months, so that its weeks overlap: no control limits tell chance from effect."),
    "few_after": _("Fewer than four complete weeks after it have figures."),
}
