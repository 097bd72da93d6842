"""What the timeline says of hand-overs and of questions to colleagues."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from escalations.choices.handing import Part, unpacked
from portal.ui.times import time_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from escalations.wording import Names, Params, Sentence


def _offered(p: Params, n: Names) -> str:
    name = n.service(p["service"]) if "service" in p else n.user(p.get("user"))
    return _("Hand-over offered to %(name)s") % {"name": name}


def _asked(p: Params, n: Names) -> str:
    """By the reader's own clock."""
    words = {"name": n.user(p.get("user"))}
    if not p.get("due"):
        return _("Asked %(name)s") % words
    due = time_text(datetime.fromisoformat(p["due"]), "full")
    return _("Asked %(name)s, answer by %(time)s") % {**words, "time": due}


def _of_user(template: str, p: Params, n: Names) -> str:
    return template % {"name": n.user(p.get("user"))}


def _shift_moved(p: Params, n: Names) -> str:
    return _("Handed over to %(to)s at the end of a shift") % {"to": n.user(p.get("to"))}


def _shift_watched(p: Params, n: Names) -> str:
    return _("Stays; %(to)s watches from the end of a shift on") % {"to": n.user(p.get("to"))}


SENTENCES: Final[Mapping[str, Sentence]] = {
    "shift.moved": _shift_moved,
    "shift.watched": _shift_watched,
    "handover.offered": _offered,
    "handover.accepted": lambda p, n: _of_user(_("Hand-over by %(name)s accepted"), p, n),
    "handover.declined": lambda p, n: _of_user(_("Hand-over by %(name)s declined"), p, n),
    "handover.taken_back": lambda p, n: _of_user(_("Hand-over by %(name)s taken back"), p, n),
    "consult.asked": _asked,
    "consult.answered": lambda p, n: _of_user(_("Answer to %(name)s"), p, n),
    "consult.withdrawn": lambda p, n: _of_user(_("Question to %(name)s withdrawn"), p, n),
    "consult.over": lambda p, n: _of_user(_("Question to %(name)s ended: the case went to another service"), p, n),
}


def summary_lines(text: str) -> list[tuple[str, str]]:
    """The parts of a hand-over's words with their headings; none once they were removed."""
    return [(str(Part(part).label), said or _("Nothing")) for part, said in unpacked(text).items()]


def shown_words(code: str, text: str) -> str:
    """The words of an entry as a stream shows them: those of a hand-over under headings in the reader's language."""
    if code != "handover.offered" or not text:
        return text
    return "\n\n".join(_("%(part)s: %(words)s") % {"part": part, "words": said} for part, said in summary_lines(text))
