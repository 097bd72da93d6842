"""References: how a reply finds back to what it answers.

A letter about AR-1182 has "[AR-1182]" in its subject and a Message-ID that we keep; its Reply-To may be
"box+AR-1182@host". A reply is matched by the Message-ID first, then the address, then the subject.
"""

import re
from collections.abc import Sequence
from typing import Final

from portal.mailbox.choices import MatchedBy
from portal.mailbox.parsing import Headed, Parsed
from portal.notifications.actions import remember_letter
from portal.notifications.queries import reference_of_letter

_IN_SUBJECT: Final = re.compile(r"\[([A-Z]{2,4}-\d{1,12})\]")
_IN_ADDRESS: Final = re.compile(r"^[^@\s]{1,64}\+([a-z]{2,4}-\d{1,12})@", re.IGNORECASE)


def reference_of(message: Parsed | Headed) -> tuple[str, str]:
    """What a message refers to ("" if nothing), and what that was found by (`choices.MatchedBy`)."""
    known = reference_of_letter(message.answers)
    if known:
        return known, MatchedBy.MESSAGE_ID
    addressed = _first(_IN_ADDRESS, message.recipients)
    if addressed:
        return addressed.upper(), MatchedBy.ADDRESS
    named = _first(_IN_SUBJECT, [message.subject])
    return (named, MatchedBy.SUBJECT) if named else ("", MatchedBy.NOTHING)


def reply_address(mailbox_address: str, reference: str) -> str:
    """The address that replies about this go to: "box+AR-1182@host"."""
    local, _, host = mailbox_address.rpartition("@")
    return f"{local}+{reference}@{host}"


def remember(message_id: str, reference: str) -> None:
    """A message that came in is about this; what answers it finds there as well. The first word on a message counts."""
    if message_id:
        remember_letter(message_id, reference)


def _first(pattern: re.Pattern[str], texts: Sequence[str]) -> str:
    return next((found[1] for text in texts if (found := pattern.search(text))), "")
