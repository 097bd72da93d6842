"""The words of notifications about hand-overs and questions to colleagues."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from escalations.choices.handing import OfferState

Params = Mapping[str, Any]
#: What notifications mean that were written before they said it.
_HOURS_BEFORE: Final = 8


def offered(p: Params, count: int) -> str:
    """A case is offered."""
    if count == 1 and p:
        return _("%(ref)s is offered to you") % {"ref": p.get("ref", "")}
    return ngettext("%(n)d case is offered to you", "%(n)d cases are offered to you", count) % {"n": count}


def settled(p: Params, count: int) -> str:
    """An offer was answered."""
    if count == 1 and p:
        accepted = p.get("state") == OfferState.ACCEPTED
        text = _("Your hand-over of %(ref)s was accepted") if accepted else _("Your hand-over of %(ref)s was declined")
        return text % {"ref": p.get("ref", "")}
    return ngettext("%(n)d hand-over was answered", "%(n)d hand-overs were answered", count) % {"n": count}


def silent(p: Params, count: int) -> str:
    """Nobody answers an offer."""
    if count == 1 and p:
        hours = p.get("hours", _HOURS_BEFORE)
        text = ngettext(
            "Nobody has answered your hand-over of %(ref)s for %(n)d hour",
            "Nobody has answered your hand-over of %(ref)s for %(n)d hours",
            hours,
        )
        return text % {"ref": p.get("ref", ""), "n": hours}
    text = ngettext("%(n)d hand-over has no answer yet", "%(n)d hand-overs have no answer yet", count)
    return text % {"n": count}


def asked(p: Params, count: int) -> str:
    """A question is asked."""
    if count == 1 and p:
        return _("You are asked about %(ref)s") % {"ref": p.get("ref", "")}
    return ngettext("You are asked about %(n)d case", "You are asked about %(n)d cases", count) % {"n": count}


def answered(p: Params, count: int) -> str:
    """A question was answered."""
    if count == 1 and p:
        return _("Your question about %(ref)s was answered") % {"ref": p.get("ref", "")}
    return ngettext("%(n)d of your questions was answered", "%(n)d of your questions were answered", count) % {
        "n": count
    }


def withdrawn(p: Params, count: int) -> str:
    """A question needs no answer any more; its case is named to those alone who see it."""
    if count == 1 and p:
        return _("The question to you about %(ref)s needs no answer any more") % {"ref": p.get("ref", "")}
    return ngettext(
        "%(n)d question to you needs no answer any more", "%(n)d questions to you need no answer any more", count
    ) % {"n": count}


def overdue(p: Params, count: int) -> str:
    """A question is overdue."""
    if count == 1 and p:
        return _("%(ref)s: a question is overdue") % {"ref": p.get("ref", "")}
    return ngettext("%(n)d question is overdue", "%(n)d questions are overdue", count) % {"n": count}
