"""Roles, as the guide's table names them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a membership makes of a person. The rights of each are in docs/guide/roles.md."""

    ADMINISTRATOR = "administrator", _("Administrator")
    COORDINATOR = "coordinator", _("Coordinator")
    MANAGER = "partner_manager", _("Partner manager")
    ASSOCIATE = "associate", _("Escalations associate")
    PARTNER_LEAD = "partner_lead", _("Partner lead")
    PARTNER_QA = "partner_qa", _("Partner QA")
    AGENT = "partner_agent", _("Partner agent")
    IT = "it_fulfilment", _("IT fulfilment")
    AUDITOR = "auditor", _("Auditor")


# What each role's membership must name: nothing, a service, one site, or a site or a whole partner.
UNSCOPED_ROLES = (Role.ADMINISTRATOR, Role.AUDITOR, Role.IT)
SERVICE_ROLES = (Role.ASSOCIATE,)
SITE_ROLES = (Role.PARTNER_LEAD, Role.PARTNER_QA, Role.AGENT)
SITE_OR_PARTNER_ROLES = (Role.COORDINATOR, Role.MANAGER)
