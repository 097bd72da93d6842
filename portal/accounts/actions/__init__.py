"""Writes about people: invite, give and end roles, name stand-ins, end access."""

from portal.accounts.actions.delegations import cancel_delegation, delegate
from portal.accounts.actions.invitations import accept_invitation, first_administrator, invite, reinvite
from portal.accounts.actions.leaving import deactivate, end_access, reactivate
from portal.accounts.actions.memberships import Grant, add_membership, end_membership
from portal.accounts.actions.profile import change_profile, end_own_sessions
from portal.accounts.actions.second_factor import reset_second_factor

__all__ = [
    "Grant",
    "accept_invitation",
    "add_membership",
    "cancel_delegation",
    "change_profile",
    "deactivate",
    "delegate",
    "end_access",
    "end_membership",
    "end_own_sessions",
    "first_administrator",
    "invite",
    "reactivate",
    "reinvite",
    "reset_second_factor",
]
