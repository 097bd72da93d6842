"""Reads of tokens."""

from typing import Final

from django.db.models import Q, QuerySet
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.api.models import ApiToken

MAX_ID: Final = 2**63 - 1


def may_see_all(actor: Actor) -> bool:
    """Whether the actor sees and revokes the tokens of all people."""
    return actor.can("manage_users")


def tokens_visible_to(actor: Actor) -> QuerySet[ApiToken]:
    """One's own tokens; for administrators everybody's."""
    rows = ApiToken.objects.select_related("user")
    return rows if may_see_all(actor) else rows.filter(user=actor.user_id or 0)


def own_tokens(actor: Actor) -> QuerySet[ApiToken]:
    """The actor's own, the newest first."""
    return ApiToken.objects.filter(user=actor.user_id or 0).order_by("-id")


def alive() -> Q:
    """Tokens that open something: neither revoked nor past their day."""
    return Q(revoked_at=None, expires_at__gt=timezone.now())
