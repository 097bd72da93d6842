"""What people are told of packs, by the facts that travel with a notification."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.naming import in_language

from .cells import period_name

type Params = Mapping[str, Any]


def of_draft(p: Params, count: int) -> str:
    """A draft that waits, or was acknowledged by the other side."""
    if count != 1 or not p:
        return ngettext("News of %(n)d pack", "News of %(n)d packs", count) % {"n": count}
    words = {
        "draft": _("%(pack)s is a draft and waits for comments"),
        "acknowledged": _("%(pack)s: the other side acknowledged it; now it waits for yours"),
        "voided": _("%(pack)s: something was added, so that it waits for your acknowledgement again"),
    }
    return words.get(str(p.get("what")), "%(pack)s") % {"pack": name_of(p)}


def of_publication(p: Params, count: int) -> str:
    """A pack that was published."""
    if count != 1 or not p:
        return ngettext("%(n)d pack was published", "%(n)d packs were published", count) % {"n": count}
    return _("%(pack)s is published") % {"pack": name_of(p)}


def name_of(p: Params) -> str:
    """The pack in the reader's words: kind, place, period."""
    about = in_language(p.get("about", ""), p.get("about_zh", "")) or _("Network")
    name = f"{in_language(p.get('kind', ''), p.get('kind_zh', ''))} · {about} · {period_name(p.get('period', ''))}"
    if p.get("revision", 1) > 1:
        return _("%(pack)s, revision %(n)d") % {"pack": name, "n": p["revision"]}
    return name
