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


class Refusal(models.TextChoices):
    """Why something about people was not done; the label says what to do about it."""

    LAST_ADMINISTRATOR = "last_administrator", _("Name another administrator first: this is the last one.")
    NOT_YOURSELF = "not_yourself", _("Ask another administrator: you cannot do this to yourself.")
    EMAIL_TAKEN = "email_taken", _("Somebody with this e-mail address is here already.")
    ALREADY_ACCEPTED = "already_accepted", _("This person has signed in already; there is nothing to invite to.")
    INACTIVE = "inactive", _("Reactivate this person first.")
    ROLE_HELD = "role_held", _("This person has that role there already.")
    SCOPE = "scope", _("Choose a scope that fits the role.")
    ENDED = "ended", _("This has ended already.")
    NO_STAND_IN = "no_stand_in", _("Nobody with this e-mail address can stand in here.")
    PERIOD = "period", _("Choose an end later than the start, and later than now.")
    TOO_LONG = "too_long", _("Choose at most 180 days.")
    OVERLAP = "overlap", _("There is a stand-in in that period already. Cancel that one first.")
    INVITATION_UNKNOWN = "invitation_unknown", _("This link is not one of ours. Check that it is complete.")
    INVITATION_EXPIRED = "invitation_expired", _("This invitation has expired. Ask for a new one.")
    INVITATION_USED = "invitation_used", _("This invitation has been used. Sign in instead.")
    INVITATION_WITHDRAWN = "invitation_withdrawn", _("This invitation was replaced or withdrawn. Use the newest one.")
    NOT_EMPTY = "not_empty", _("There is an administrator already; invite from the portal.")
