"""Why a pack takes no comment, acknowledgement or publication, by the codes of actions and by the names the database refuses with."""

from typing import Final

from django.utils.translation import gettext_lazy as _

REFUSALS = {
    "pack_waits": _("The numbers of this pack are not frozen yet."),
    "pack_is_published": _("This pack is published and changes no more. Make a revision to correct it."),
    "pack_superseded": _("There is a later revision of this pack. Go on with that one."),
    "pack_has_changed": _("There is another comment since you opened the page. Read it, then go on."),
    "pack_not_explained": _("An exception has no comment yet."),
    "pack_acknowledged_already": _("Your side has acknowledged this pack as it stands."),
    "pack_not_acknowledged": _("Both sides acknowledge the pack as it stands before it is published."),
    "pack_same_person": _("Nobody acknowledges for both sides."),
    "pack_no_reason": _("Say what is corrected."),
    "pack_no_comment": _("Write a comment."),
    "pack_revised_already": _("Somebody else has begun a revision a moment ago."),
    "pack_is_made": _("The pack is made already."),
}
# What triggers and constraints refuse, should anything get past the checks.
BY_CONSTRAINT: Final = {
    "pack_stays": "pack_is_published",
    "pack_draft_first": "pack_waits",
    "pack_frozen_stays": "pack_waits",
    "pack_comments": "pack_not_explained",
    "pack_acknowledged": "pack_not_acknowledged",
    "acknowledgement_two_people": "pack_same_person",
    "acknowledgement_once": "pack_acknowledged_already",
    "pack_once": "pack_revised_already",
}
# What differs between two revisions, where no column says it.
LIMITS = {
    "rag": _("Verdict"),
    "text": _("Note"),
    "value": _("Value"),
    "target": _("Target"),
    "target_high": _("Upper end of the target"),
    "mean": _("Mean"),
    "lower": _("Lower limit"),
    "upper": _("Upper limit"),
}
