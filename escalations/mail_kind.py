"""What mail of cases hangs into the rooms below: the handler of mailboxes, files, the end of letters, words of the trail."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from escalations.actions.mail_in import take_mail
from escalations.actions.mail_out import WATCH, hold_letter, settled, subject_now, tried_again
from escalations.choices.mail import FILE_OWNER, HELD_OWNER
from escalations.notices import visible_inside
from escalations.queries import audience
from escalations.queries.mail import KIND, hidden_among, hidden_letters, may_read_file
from portal.audit.registry import register_field, register_verbs
from portal.files.registry import register_owner
from portal.mailbox.registry import Handler, register_handler
from portal.notifications.registry import LetterWatch, NotificationKind, register_kind, register_watch

Params = Mapping[str, Any]


def register() -> None:
    """Make all of it known."""
    register_handler(Handler(KIND, _("Cases of a service"), take_mail, hidden_among))
    register_watch(LetterWatch(WATCH, settled, subject_now, hold_letter, hidden_letters, tried_again))
    register_owner(FILE_OWNER, may_read_file)
    register_owner(HELD_OWNER, may_read_file)
    register_kind(NotificationKind("case.mail_in", _came, visible_inside, audience.written_to, _mine, "mail"))
    register_kind(NotificationKind("case.mail_lost", _lost, visible_inside, audience.lost, _mine, "warn"))
    register_verbs(
        {
            "case.mail_in": _("A case received mail"),
            "case.mail_noted": _("A case received an automatic mail"),
            "case.mail_sent": _("Wrote a mail on a case"),
            "case.mail_sent_again": _("Sent a mail again"),
            "service.mailbox_bound": _("Gave a service a mailbox"),
            "service.mailbox_changed": _("Changed the mailbox of a service"),
            "service.mailbox_released": _("Took a mailbox from a service"),
        }
    )
    register_field("mailbox", _("Mailbox"), subject="mailbox")


def _came(p: Params, count: int) -> str:
    if count == 1 and p:
        return _now("%(ref)s: an e-mail came in") % {"ref": p.get("ref", "")}
    return ngettext("An e-mail came in on %(n)d case", "E-mails came in on %(n)d cases", count) % {"n": count}


def _lost(p: Params, count: int) -> str:
    if count == 1 and p:
        by_law = _now("%(ref)s: an answer by law did not arrive, its deadline runs again")
        return (by_law if p.get("by_law") else _now("%(ref)s: an e-mail did not arrive")) % {"ref": p.get("ref", "")}
    return ngettext("%(n)d e-mail did not arrive", "%(n)d e-mails did not arrive", count) % {"n": count}


def _mine() -> str:
    return reverse("escalations:queue") + "?tab=mine"
