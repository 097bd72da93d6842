"""Messages of channels that became nothing: why, what they are made of, and what to do. Their words are not shown here:
whose case they belong to, if any, is not known, and it may be one that administrators do not read."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from escalations import actions
from escalations.actions.channels_in import payload_of
from escalations.choices.hooks import Unclear
from escalations.queries import channels as reads
from escalations.rules.channels import NotUnderstoodError, outline
from portal.accounts.decorators import require_right
from portal.accounts.requests import actor_of
from portal.mailbox.choices import State
from portal.sealing import SealBrokenError
from portal.ui.htmx import flash

if TYPE_CHECKING:
    from escalations.models import ChannelMessage

SHOWN: Final = 50
MOST_FIELDS: Final = 40


@dataclass(frozen=True, slots=True)
class TroubleLine:
    """A message with why it became nothing, and its fields without their values."""

    row: ChannelMessage
    why: str
    parts: list[tuple[str, str]]


@require_safe
@require_right("dead_letters")
def channel_messages(request: HttpRequest) -> HttpResponseBase:
    """The newest of them."""
    rows = list(reads.channel_trouble(actor_of(request))[: SHOWN + 1])
    lines = [TroubleLine(row, why_text(row.last_error), _parts(row)) for row in rows[:SHOWN]]
    context = {"lines": lines, "more": len(rows) > SHOWN, "shown": SHOWN, "nav_key": "channels"}
    return render(request, "escalations/channel_messages.html", context)


def why_text(kept: str) -> str:
    """Why a message became nothing, in the reader's language. Of what nobody foresaw the name only: it may quote words."""
    code, _space, field = kept.partition(" ")
    if code in Unclear.values:
        label = str(Unclear(code).label)
        return label % {"field": field} if "%(field)s" in label else label
    return _("It could not be taken: %(error)s") % {"error": code.removesuffix(":")}


def _parts(row: ChannelMessage) -> list[tuple[str, str]]:
    try:
        return list(islice(outline(payload_of(row)), MOST_FIELDS))
    except (NotUnderstoodError, SealBrokenError):
        return []


@require_POST
@require_right("dead_letters")
def channel_retry(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Read and take a message again."""
    try:
        row = actions.retry_channel_message(actor=actor_of(request), pk=pk)
    except SealBrokenError:
        flash(request, _("The message was encrypted with another key and cannot be read."), tone="red")
    else:
        understood = row.state == State.NEW
        text = (
            _("It is understood and will be taken within seconds.") if understood else _("It is still not understood.")
        )
        flash(request, text, tone="ok" if understood else "red")
    return redirect("escalations:channel-messages")


@require_POST
@require_right("dead_letters")
def channel_put_away(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Nobody needs this message."""
    actions.put_channel_message_away(actor=actor_of(request), pk=pk)
    flash(request, _("Put away. What it said is forgotten."))
    return redirect("escalations:channel-messages")
