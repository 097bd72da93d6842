"""Reads about invitations."""

from django.utils import timezone

from portal.accounts.choices import Refusal
from portal.accounts.models import Invitation
from portal.accounts.rules import RefusedError
from portal.accounts.tokens import hash_of


def open_invitation(token: str) -> Invitation:
    """The invitation that this token opens now, with its user. Raises RefusedError with the reason if it opens nothing."""
    found = Invitation.objects.select_related("user").filter(token_hash=hash_of(token)).first()
    if found is None:
        raise RefusedError(Refusal.INVITATION_UNKNOWN)
    check_open(found)
    return found


def check_open(invitation: Invitation) -> None:
    """Raises RefusedError with the reason if this invitation opens nothing (any more)."""
    if invitation.accepted_at is not None:
        raise RefusedError(Refusal.INVITATION_USED)
    if invitation.withdrawn_at is not None or not invitation.user.is_active:
        raise RefusedError(Refusal.INVITATION_WITHDRAWN)
    if invitation.expires_at <= timezone.now():
        raise RefusedError(Refusal.INVITATION_EXPIRED)
