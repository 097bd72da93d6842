"""What reply templates may name: the closed list of variables, and the languages in which replies are written."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from escalations.choices.facts import CardKey, FactKey, label_of


class CaseVariable(models.TextChoices):
    """What a template may take from the case itself."""

    REFERENCE = "reference", _("Case reference")
    SUBJECT = "subject", _("Subject")
    SERVICE = "service", _("Service")
    SITE = "site", _("Site")
    ISSUE_TYPE = "issue_type", _("Issue type")
    CUSTOMER_REFERENCE = "customer_reference", _("Customer reference")
    OPENED_ON = "opened_on", _("Day on which the case was opened")
    TODAY = "today", _("Today’s date")
    OWNER = "owner", _("Owner")
    SENDER = "sender", _("Name of whoever writes")


class ReplyLanguage(models.TextChoices):
    """In which language a reply goes out; the codes are Django's."""

    ENGLISH = "en", _("English")
    CHINESE = "zh-hans", _("Chinese (Simplified)")


# Facts are variables under their own keys.
VARIABLES: Final = (*CaseVariable.values, *CardKey.values, *FactKey.values)
# What a template can ask the customer for, and therefore be stopped over.
ASKABLE: Final = (*FactKey.values, *CardKey.values)
MAX_BODY: Final = 10_000


def variable_label(name: str) -> str:
    """What a variable stands for, in the reader's language."""
    return str(CaseVariable(name).label) if name in CaseVariable.values else label_of(name)


def variable_labels() -> dict[str, str]:
    """The whole list, in its order."""
    return {name: variable_label(name) for name in VARIABLES}
