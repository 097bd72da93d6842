"""Words of the readiness board."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

EVENTS: "Mapping[str, StrOrPromise]" = {"item.nudge": _("reminded whoever has it")}
REFUSALS: "Mapping[str, StrOrPromise]" = {
    "nudged_today": _("Somebody has sent a reminder today. The next one goes out tomorrow."),
    "nobody_to_nudge": _("Nobody has to act on this right now."),
}
#: What is missing, by its reason; `what` is the system, `owner` who has it, `since` a day or time.
MISSING: "Mapping[str, StrOrPromise]" = {
    "approval": _("%(what)s: approval by %(owner)s, asked %(since)s"),
    "in_line": _("%(what)s: approved, goes out to %(owner)s"),
    "with_it": _("%(what)s: with %(owner)s since %(since)s"),
    "retrying": _("%(what)s: did not work, will be tried again; %(owner)s knows"),
    "failed": _("%(what)s: failed, owned by %(owner)s since %(since)s"),
    "conflict": _("%(what)s: blocked by a conflict since %(since)s"),
    "to_confirm": _("%(what)s: done since %(since)s, %(owner)s has to confirm it"),
    "not_requested": _("%(what)s: not requested yet"),
}
#: What blocks, as a filter and a group.
BLOCKERS: "Mapping[str, StrOrPromise]" = {
    "approval": _("Approval"),
    "in_line": _("Approved, in line"),
    "with_it": _("With IT"),
    "retrying": _("Will be tried again"),
    "failed": _("Failed"),
    "conflict": _("Blocked by a conflict"),
    "to_confirm": _("Done, to confirm"),
    "not_requested": _("Not requested yet"),
}
#: What a cell says.
MARKS: "Mapping[str, StrOrPromise]" = {
    "done": _("Done"),
    "confirm": _("Done, to confirm"),
    "it": _("With IT"),
    "appr": _("Awaiting approval"),
    "block": _("Blocked"),
    "none": _("Not started"),
}
ICONS: Mapping[str, str] = {
    "done": "rag-g",
    "confirm": "check",
    "it": "st-progress",
    "appr": "hour",
    "block": "over",
    "none": "st-new",
}
COURSES: "Mapping[int, StrOrPromise]" = {
    0: _("Ready now"),
    1: _("On course"),
    2: _("At risk"),
    3: _("Will miss first shift"),
}
