"""Words of the matrix and of certificates."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

#: How sure it is that somebody holds something.
STATES: "Mapping[str, StrOrPromise]" = {
    "verified": _("Verified"),
    "claimed": _("Done, to confirm"),
    "sent": _("With IT"),
    "removing": _("Being removed"),
    "conflict": _("In conflict"),
}
#: The same with a number, for what a cell says aloud.
COUNTED = {
    "verified": ngettext_lazy("%(n)d verified", "%(n)d verified", "n"),
    "claimed": ngettext_lazy("%(n)d to confirm", "%(n)d to confirm", "n"),
    "sent": ngettext_lazy("%(n)d with IT", "%(n)d with IT", "n"),
    "removing": ngettext_lazy("%(n)d being removed", "%(n)d being removed", "n"),
    "conflict": ngettext_lazy("%(n)d in conflict", "%(n)d in conflict", "n"),
}
#: The mark of the board's legend that looks the same, and the icon.
MARKS: Mapping[str, tuple[str, str]] = {
    "verified": ("done", "rag-g"),
    "claimed": ("confirm", "check"),
    "sent": ("it", "st-progress"),
    "removing": ("appr", "out"),
    "conflict": ("block", "over"),
}
#: Who approved where nobody did, by the policy that is written down.
POLICIES: "Mapping[str, StrOrPromise]" = {
    "birthright": _("Policy: comes with the job"),
    "revocation": _("Policy: removals need no approval"),
}
