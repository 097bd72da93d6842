"""What the timeline says of complaints that the law gives a time to answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from escalations.choices.mail import Delivery
from escalations.choices.statutory import metric_label
from portal.audit.wording import listed
from portal.naming import in_language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from escalations.wording import Names, Params, Sentence


def _regulated(p: Params, n: Names) -> str:
    return _("Regulated complaint: %(name)s") % {"name": _name(p)}


def _lifted(p: Params, n: Names) -> str:
    if not p.get("name"):
        return _("No longer a regulated complaint")
    return _("No longer a regulated complaint: %(name)s") % {"name": _name(p)}


def _answered(p: Params, n: Names) -> str:
    return _("Sent: %(duties)s") % {"duties": _duties(p)}


def _lost(p: Params, n: Names) -> str:
    if p.get("how") == Delivery.BOUNCED:
        return _("The mail came back, so it is owed again: %(duties)s") % {"duties": _duties(p)}
    return _("The mail was not sent, so it is owed again: %(duties)s") % {"duties": _duties(p)}


def _name(p: Params) -> str:
    return in_language(str(p.get("name", "")), str(p.get("name_zh", "")))


def _duties(p: Params) -> str:
    return listed(metric_label(str(one)) for one in p.get("duties", ()))


SENTENCES: Final[Mapping[str, Sentence]] = {
    "statutory.marked": _regulated,
    "statutory.lifted": _lifted,
    "statutory.answered": _answered,
    "statutory.lost": _lost,
}
