"""What the timeline says of other cases that this one goes with, and of what customers send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from escalations.wording import Names, Params, Sentence


def _merged_into(p: Params, n: Names) -> str:
    ref = n.case(p.get("case"))
    return _("Merged into %(ref)s") % {"ref": ref} if ref else _("Merged into another case")


def _merged_from(p: Params, n: Names) -> str:
    ref = n.case(p.get("case"))
    return _("%(ref)s was merged into this case") % {"ref": ref} if ref else _("Another case was merged into this one")


def _follows(p: Params, n: Names) -> str:
    ref = n.case(p.get("case"))
    return (
        _("The customer wrote again after %(ref)s had ended") % {"ref": ref} if ref else _("The customer wrote again")
    )


def _followed(p: Params, n: Names) -> str:
    ref = n.case(p.get("case"))
    return _("The customer wrote again: %(ref)s") % {"ref": ref} if ref else _("The customer wrote again")


def _linked(p: Params, n: Names) -> str:
    texts = {
        "duplicate": _("Linked as a duplicate of %(ref)s"),
        "follows": _("Linked: follows on %(ref)s"),
        "followed": _("Linked: %(ref)s follows on it"),
    }
    ref, text = n.case(p.get("case")), texts.get(str(p.get("said")), _("Linked to %(ref)s"))
    return text % {"ref": ref} if ref else _("Linked to another case")


def _link_ended(p: Params, n: Names) -> str:
    ref = n.case(p.get("case"))
    return _("No longer linked to %(ref)s") % {"ref": ref} if ref else _("No longer linked to another case")


def _split_into(p: Params, n: Names) -> str:
    ref = n.case(p.get("case"))
    return _("Split into %(ref)s") % {"ref": ref} if ref else _("Split into another case")


def _split_from(p: Params, n: Names) -> str:
    ref = n.case(p.get("case"))
    return _("Split from %(ref)s") % {"ref": ref} if ref else _("Split from another case")


SENTENCES: Final[Mapping[str, Sentence]] = {
    "link.merged_into": _merged_into,
    "link.merged_from": _merged_from,
    "link.follows": _follows,
    "link.followed": _followed,
    "link.made": _linked,
    "link.ended": _link_ended,
    "link.split_into": _split_into,
    "link.split_from": _split_from,
    "mail.in": lambda p, n: _("E-mail from the customer"),
    "channel.in": lambda p, n: _("Message from the customer"),
    "mail.out": lambda p, n: _("E-mail to the customer"),
    "mail.stranger": lambda p, n: _("E-mail from an address not known on this case"),
    "mail.automatic": lambda p, n: _("Automatic reply"),
    "mail.bounced": lambda p, n: _("An e-mail came back"),
}
