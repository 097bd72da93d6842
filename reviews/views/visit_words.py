"""Questions and answers of a visit as its pages say them."""

import uuid
from collections.abc import Iterable
from typing import Any, Final

from django.utils.translation import gettext as _

from ..choices import QuestionKind
from ..forms.visits import NOT_APPLICABLE
from ..models import Question
from ..queries.visits import Item
from ..rules.visits import Given

# Beyond this many a finger hits a number field better than a row of buttons.
MOST_BUTTONS: Final = 10


def said(question: Question, given: Given) -> str:
    """An answer in words; "" when there is none."""
    if given.not_applicable:
        return _("Not applicable")
    if question.kind == QuestionKind.TEXT:
        return given.text
    if given.score is None:
        return ""
    if question.kind == QuestionKind.YES_NO:
        return _("Yes") if given.score else _("No")
    return _("%(score)s of %(most)s") % {"score": given.score, "most": question.most}


def item_lines(items: Iterable[Item]) -> list[dict[str, Any]]:
    """Each question with what the page needs to ask it and to say its answer."""
    return [
        {
            "pk": item.question.pk, "label": item.question.label, "kind": item.question.kind, "most": item.question.most,
            "counts": bool(item.question.weight), "wants_photo": item.question.wants_photo, "options": _options(item),
            "given": item.given, "version": item.version, "key": uuid.uuid4(), "photo_key": uuid.uuid4(), "photos": item.photos, "said": said(item.question, item.given),
            "by": item.answer.by if item.answer else None, "at": item.answer.at if item.answer else None,
            "answer_id": item.answer.pk if item.answer else None,
        }
        for item in items
    ]  # fmt: skip


def _options(item: Item) -> list[tuple[str, str, bool]]:
    """Value, label and whether it is chosen: what can be pressed."""
    question, given = item.question, item.given
    if question.kind == QuestionKind.YES_NO:
        pairs = [(str(question.most), _("Yes")), ("0", _("No"))]
    elif question.kind == QuestionKind.SCORE and question.most <= MOST_BUTTONS:
        pairs = [(str(n), str(n)) for n in range(question.most + 1)]
    else:
        pairs = []
    pairs.append((NOT_APPLICABLE, _("Not applicable")))
    if len(pairs) > 1:
        # A button that was pressed is not let go by pressing it again.
        pairs.append(("", _("Not answered")))
    chosen = NOT_APPLICABLE if given.not_applicable else "" if given.score is None else str(given.score)
    return [(value, label, value == chosen) for value, label in pairs]


def script_words() -> dict[str, str]:
    """What the page's script says, filled in by it."""
    return {
        "saved": _("Everything is saved"),
        "sending": _("Sending …"),
        "waiting": _("No line. %(n)s kept on this device until there is one."),
        "signed_out": _("You are signed out. Sign in again in another tab: what you typed is kept on this device."),
        "not_kept": _(
            "This browser keeps nothing while the line is away. Stay on this page until everything is saved."
        ),
        "conflict": _("Not saved: choose one"),
        "theirs": _("Theirs:"),
        "yours": _("Yours:"),
        "keep_mine": _("Keep mine"),
        "take_theirs": _("Take theirs"),
        "discard": _("Discard mine"),
        "note": _("Note:"),
        "nothing": _("no answer"),
        "not_applicable": _("Not applicable"),
        "yes": _("Yes"),
        "no": _("No"),
        "of": _("%(score)s of %(most)s"),
        "too_large": _("The photo is %(size)s large; %(limit)s is the most. Take it smaller."),
        "no_picture": _("This is no picture. Photos are JPEG, PNG or WebP."),
        "photo_waits": _("Photo waits for the line"),
        "photo": _("Photo"),
        "remove": _("Remove"),
        "not_yet": _("Not everything is sent yet: %(n)s wait on this device. Send the visit in when they are through."),
        "answered": _("%(n)s of %(of)s answered"),
    }
