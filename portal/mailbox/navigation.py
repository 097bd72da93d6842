"""What the rooms below and the shell show of this room."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.accounts.rules import Actor
from portal.audit.registry import Named, register_subject, register_verbs
from portal.files.models import StoredFile
from portal.files.registry import register_owner
from portal.mailbox.actions import may_read_file
from portal.mailbox.choices import FILE_OWNER
from portal.mailbox.models import InboundMessage, Mailbox
from portal.mailbox.queries import may_configure, trouble_count
from portal.ui.registry import NavItem, register_nav


def register() -> None:
    """Register all of it."""
    register_owner(FILE_OWNER, _may_read)
    register_nav(
        NavItem(
            "admin",
            "mailboxes",
            _("Mailboxes"),
            "mailbox:mailboxes",
            "mail",
            61,
            visible=may_configure,
            count=trouble_count,
            later=True,
        )
    )
    register_verbs(
        {
            "mailbox.created": _("Created a mailbox"),
            "mailbox.changed": _("Changed a mailbox"),
            "mailbox.archived": _("Archived a mailbox"),
            "mailbox.restored": _("Restored a mailbox"),
            "mail.retried": _("Tried a message again"),
            "mail.put_away": _("Put a message away"),
            "mail.hidden": _("Put a message in trouble out of sight"),
        }
    )
    register_subject("mailbox", _("Mailbox"), _mailboxes)
    register_subject("mail", _("Message"), _messages)


def _may_read(actor: Actor, file: StoredFile) -> bool:
    return may_read_file(actor, file.owner_id)


def _mailboxes(ids: Sequence[int]) -> Mapping[int, Named]:
    rows = Mailbox.objects.filter(pk__in=ids)
    return {row.pk: Named(row.name, reverse("mailbox:mailbox_change", args=[row.pk])) for row in rows}


def _messages(ids: Sequence[int]) -> Mapping[int, Named]:
    return {
        row.pk: Named(row.fingerprint[:80]) for row in InboundMessage.objects.filter(pk__in=ids).only("fingerprint")
    }
