"""What the stream shows of mail, of messages of channels, of steps and of answers by law beside their words: who, delivery,
files, what it quotes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from escalations.choices.mail import Delivery
from escalations.queries import mail as mails
from escalations.queries.channels import channel_in
from escalations.queries.evidence import answer_files
from escalations.queries.playbooks import step_files
from portal.ui import marks

if TYPE_CHECKING:
    from escalations.models import ChannelMessage, InboundMail, OutboundMail, TimelineEntry
    from portal.files.models import StoredFile
    from portal.files.queries import NamedFile

TONES: Final = {Delivery.QUEUED: "", Delivery.SENT: "green", Delivery.FAILED: "red", Delivery.BOUNCED: "red"}
_FILE: Final = '<a class="row" href="{}">{}<span>{}</span><span class="muted">{}</span></a>'
_NONE: Final = SafeString()
Mark = tuple[SafeString, SafeString]  # in the head of a message, and below its words
NO_MARK: Final[Mark] = (_NONE, _NONE)


def mail_marks(entries: Sequence[TimelineEntry], ref: str) -> dict[int, Mark]:
    """What to show beside each entry that is mail, in the stream of the case `ref`, and with the files of steps and of answers by law
    (which the entries know). One query each where files hang on them, none otherwise."""
    files = mails.files_of(entries)
    found: dict[int, Mark] = {pk: (_NONE, files_html(rows)) for pk, rows in step_files(entries).items()}
    found |= {pk: (_NONE, files_html(rows)) for pk, rows in answer_files(entries).items()}
    for entry in entries:
        if (inbound := mails.mail_in(entry)) is not None:
            found[entry.pk] = (
                format_html("<span>{}</span>", inbound.sender),
                _below(inbound, files.get(entry.pk, ()), ref),
            )
        elif (message := channel_in(entry)) is not None:
            found[entry.pk] = (format_html("<span>{}</span>", message.sender), _post(message))
        elif (outbound := mails.mail_out(entry)) is not None:
            found[entry.pk] = (_delivery(outbound), _out_below(outbound, ref))
    return found


def _post(message: ChannelMessage) -> SafeString:
    """Where it stands, and how many it reaches."""
    if not message.link:
        return _NONE
    reach = message.reach
    many = "" if reach is None else ngettext("reaches %(n)d person", "reaches %(n)d people", reach) % {"n": reach}
    return format_html(
        '<p class="small mt-3"><a href="{}" rel="noreferrer noopener nofollow">{}</a> <span class="muted">{}</span></p>',
        message.link, _("The post"), many,
    )  # fmt: skip


def mail_url(entry_id: int, ref: str) -> str:
    """The page of a whole message in the case where it is read."""
    return reverse("escalations:case-message", args=[ref, entry_id])


def state_badge(state: str) -> SafeString:
    """How far a mail got."""
    return marks.badge(Delivery(state).label, TONES[Delivery(state)], "mail")


def _delivery(mail: OutboundMail) -> SafeString:
    return format_html("<span>{}</span>{}", _("to %(address)s") % {"address": mail.to}, state_badge(mail.state))


def _out_below(mail: OutboundMail, ref: str) -> SafeString:
    if mail.state not in (Delivery.FAILED, Delivery.BOUNCED):
        return _NONE
    text = _("Why, and what can be done")
    return format_html('<p class="small mt-3"><a href="{}">{}</a></p>', mail_url(mail.entry_id, ref), text)


def _below(mail: InboundMail, files: Sequence[StoredFile], ref: str) -> SafeString:
    parts = [_quoted(mail), files_html(files), _held(mail, ref), _whole(mail, ref)]
    return SafeString("".join(parts))


def _quoted(mail: InboundMail) -> SafeString:
    if not mail.quoted:
        return _NONE
    return format_html(
        '<details class="small mt-3"><summary>{}</summary><p class="pre soft">{}</p></details>',
        _("What it answers"),
        mail.quoted,
    )


def files_html(files: Sequence[StoredFile | NamedFile]) -> SafeString:
    """Files as links."""
    if not files:
        return _NONE
    rows = (
        (reverse("files:file", args=[one.pk]), marks.plain_icon("clip"), one.name, filesizeformat(one.size))
        for one in files
    )
    return format_html('<div class="stack gap-1 small mt-3">{}</div>', format_html_join("", _FILE, rows))


def _held(mail: InboundMail, ref: str) -> SafeString:
    if not mail.held:
        return _NONE
    n = len(mail.held)
    text = ngettext("%(n)d file was not taken", "%(n)d files were not taken", n) % {"n": n}
    return format_html('<p class="small mt-3"><a href="{}">{}</a></p>', mail_url(mail.entry_id, ref), text)


def _whole(mail: InboundMail, ref: str) -> SafeString:
    if not mail.has_more:
        return _NONE
    return format_html(
        '<p class="small mt-3"><a href="{}">{}</a></p>', mail_url(mail.entry_id, ref), _("The whole message")
    )
