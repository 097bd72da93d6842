"""Somebody's role, somebody's stand-in, and an invitation, for the addresses of accounts."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from portal.accounts.models import Membership
from portal.accounts.tokens import hash_of
from tests.escalations.pages_world import World
from tests.factories.accounts import UserFactory

TOKEN = "an-invitation-nobody-used-yet"


def accounts_args(made: World) -> dict[str, dict[str, Any]]:
    """What addresses of accounts need: they speak of the agent."""
    UserFactory().invitations.create(token_hash=hash_of(TOKEN), expires_at=timezone.now() + timedelta(days=1))
    return {
        "user": {"user_id": made.users["agent"].pk},
        "membership": {"membership_id": Membership.objects.get(user=made.users["agent"]).pk},
        "delegation": {"delegation_id": made.users["coordinator"].delegations_given.get().pk},
        "token": {"token": TOKEN},
        "reset": {"uidb36": "1", "key": "x-y"},
    }
