"""Why a job or a kind of review is not kept."""

from django.utils.translation import gettext_lazy as _

REFUSALS = {
    "job_taken": _("There is a job of this kind for this place already. Change that one."),
    "job_is_paused": _("The job is paused already."),
    "job_is_not_paused": _("The job is not paused."),
    "recipient_sees_nothing": _(
        "Somebody chosen may not see these packs. Open the form anew: it offers only those who may."
    ),
    "kind_taken": _("Another kind of review has this code."),
    "kind_in_use": _("Jobs use this kind. End them first."),
    "no_sections": _("Choose at least one section."),
}
