"""Enumerations."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

FILE_OWNER: Final = "mailbox.message"


class Security(models.TextChoices):
    """How the connection to the mail server is kept secret."""

    TLS = "tls", _("TLS")
    STARTTLS = "starttls", _("STARTTLS")
    NONE = "none", _("None (only inside the house)")


class Taken(models.TextChoices):
    """What two mailboxes in use cannot share, by the constraint that says so."""

    NAME = "mailbox_name_once", _("There is a mailbox of this name already.")
    PLACE = "mailbox_read_once", _("Another mailbox reads this folder already.")


class State(models.TextChoices):
    """How far a message got."""

    NEW = "new", _("Waiting")
    DONE = "done", _("Done")
    UNPARSED = "unparsed", _("Cannot be read")
    FAILED = "failed", _("Failed")
    PUT_AWAY = "put_away", _("Put away")


class Hiding(models.TextChoices):
    """Why an administrator put the words of a message in trouble out of sight."""

    SENSITIVE = "sensitive", _("It is about something sensitive")
    PERSONAL = "personal", _("It is private and meant for nobody here")
    HARMFUL = "harmful", _("It harms whoever reads it")


class Automatic(models.TextChoices):
    """Whether a machine wrote it."""

    NO = "", _("No")
    REPLY = "reply", _("Automatic reply")
    BOUNCE = "bounce", _("Could not be delivered")


class MatchedBy(models.TextChoices):
    """What the reference was found by. A subject can be written by anybody: the handler looks at the sender too."""

    NOTHING = "", _("Nothing")
    MESSAGE_ID = "message_id", _("Reply to a letter of ours")
    ADDRESS = "address", _("Address")
    SUBJECT = "subject", _("Subject")
