"""The words of this room for the trail."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from portal.accounts.choices import Role
from portal.accounts.queries import find_people, names_of
from portal.audit.registry import register_field, register_people, register_subject, register_verbs


def register() -> None:
    """Called once, when the room opens."""
    register_verbs(
        {
            "user.invited": _("Invited"),
            "user.invited_again": _("Invited again"),
            "user.accepted": _("Accepted the invitation"),
            "user.role_given": _("Gave a role"),
            "user.role_ended": _("Ended a role"),
            "user.deactivated": _("Deactivated"),
            "user.reactivated": _("Reactivated"),
            "user.access_ended": _("Ended all access"),
            "user.stand_in_named": _("Named a stand-in"),
            "user.stand_in_cancelled": _("Cancelled a stand-in"),
            "user.profile_changed": _("Changed the profile"),
            "user.sessions_ended": _("Signed out everywhere"),
            "user.signed_in": _("Signed in"),
            "user.signed_out": _("Signed out"),
            "user.sign_in_failed": _("Failed to sign in"),
            "user.password_changed": _("Changed the password"),
            "user.password_reset": _("Reset the password"),
            "user.second_factor_added": _("Set up a second factor"),
            "user.second_factor_removed": _("Removed a second factor"),
            "user.second_factor_renewed": _("Renewed a second factor"),
            "user.second_factor_reset": _("Removed somebody's second factor"),
        }
    )
    register_subject("user", _("User"), names_of)
    register_people(find_people)
    register_field("role", _("Role"), Role.choices)
    register_field("partner_id", _("Partner"))
    register_field("site_id", _("Site"))
    register_field("service_id", _("Service"))
    register_field("is_lead", _("Leads the service"), _YES_NO)
    register_field("delegate_id", _("Stand-in"), subject="user")
    register_field("starts_at", _("From"))
    register_field("ends_at", _("Until"))
    register_field("at", _("At"))
    register_field("language", _("Language"), settings.LANGUAGES)
    register_field("time_zone", _("Time zone"))
    register_field("shortcuts_enabled", _("Single-key shortcuts"), _YES_NO)
    register_field("name", _("Name"), [("True", _("changed"))])
    register_field("factor", _("Second factor"), _FACTORS)


_YES_NO = [("True", _("yes")), ("False", _("no"))]
_FACTORS = [("totp", _("one-time codes")), ("recovery_codes", _("recovery codes"))]
