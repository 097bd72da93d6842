"""What people are told of practices. No site is named: a partner does not learn where another one's practice comes from, nor who takes it up."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..choices import Adoption

type Params = Mapping[str, Any]


def of_offer(p: Params, count: int) -> str:
    """A practice that waits for the site's answer."""
    if count != 1 or not p:
        return ngettext(
            "%(n)d best practice was offered to your site", "%(n)d best practices were offered to your sites", count
        ) % {"n": count}  # fmt: skip
    return _("“%(title)s” was offered to your site: adopt it, adapt it, or say why not") % p


def of_answer(p: Params, count: int) -> str:
    """What a site does with a practice of ours."""
    if count != 1 or not p:
        return ngettext(
            "%(n)d answer to a best practice of your site", "%(n)d answers to best practices of your sites", count
        ) % {"n": count}  # fmt: skip
    words = {
        Adoption.ADOPT: _("“%(title)s”: a site adopts it"),
        Adoption.ADAPT: _("“%(title)s”: a site adapts it"),
        Adoption.NOT_FOR_US: _("“%(title)s”: not for a site that it was offered to"),
    }
    return words[Adoption(p["adoption"])] % p
