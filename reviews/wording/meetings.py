"""Why something about meetings is not done."""

from django.utils.translation import gettext_lazy as _

REFUSALS = {
    "attendee_sees_nothing": _(
        "Somebody chosen may not see this meeting. Open the form anew: it offers only those who may."
    ),
    "meeting_is_planned": _("The meeting has not begun."),
    "meeting_is_running": _("The meeting is going on."),
    "meeting_is_held": _("The meeting is over."),
    "meeting_is_cancelled": _("The meeting was called off."),
    "series_is_over": _("The series has ended."),
    "next_day_out_of_reach": _("Choose a day that is still to come, within eight weeks and before the series ends."),
    "unknown_reply": _("Choose one of the answers."),
    "minutes_unchanged": _("Nothing changed since the minutes were sent."),
    "too_many_points": _("The agenda is full: remove points first."),
    "notes_too_long": _("Notes of a point may be 20,000 characters long."),
}
