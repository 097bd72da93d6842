"""Writes: make and revoke tokens, note their use, forget answers that nobody asks for any more."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Greatest
from django.http import Http404
from django.utils import timezone

from portal.accounts import access as people
from portal.accounts.queries import actor_for
from portal.accounts.rules import Actor
from portal.api import access, registry
from portal.api.choices import KEPT_ANSWERS, MARK, MAX_LIFE, MAX_TOKENS, SEEN_EVERY, Refusal
from portal.api.models import ApiToken, IdempotentRequest
from portal.api.queries import alive, own_tokens
from portal.audit import actions as audit
from portal.refusals import RefusedError

# So many rows go at once, so that no delete holds locks for long.
_BATCH: Final = 10_000
_SHOWN: Final = 8


def hash_of(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


@transaction.atomic
def create_token(*, actor: Actor, name: str, scopes: Iterable[str], days: int) -> tuple[ApiToken, str]:
    """Make a token of the actor's own; returns it with its text, which is known to nobody afterwards. Audited.

    Raises RefusedError (codes of `choices.Refusal`), Http404 for the system and for somebody whose access has ended.
    """
    # Locked, so that two forms at once do not both find room for one more. What the person may do is read
    # after that: their access may have ended while this waited.
    user = people.get_self(actor, for_update=True)
    if not user.is_active:
        raise Http404
    wanted = set(scopes)
    kept = [scope.key for scope in registry.scopes_for(actor_for(user)) if scope.key in wanted]
    if not name.strip():
        raise RefusedError(Refusal.NAME_NEEDED, "name")
    if not kept or len(kept) < len(wanted):
        raise RefusedError(Refusal.SCOPE_NEEDED, "scopes")
    if not 1 <= days <= MAX_LIFE.days:
        raise RefusedError(Refusal.LIFE, "days")
    if own_tokens(actor).filter(alive()).count() >= MAX_TOKENS:
        raise RefusedError(Refusal.TOO_MANY)
    text = MARK + secrets.token_urlsafe(32)
    now = timezone.now()
    made = ApiToken.objects.create(
        user=user, name=name.strip(), scopes=kept, prefix=text[: len(MARK) + _SHOWN], token_hash=hash_of(text),
        created_at=now, expires_at=now + timedelta(days=days),
    )  # fmt: skip
    _record(actor, "api_token.made", made, {"scopes": kept, "days": days})
    return made, text


@transaction.atomic
def revoke_token(*, actor: Actor, token_id: int) -> ApiToken:
    """End a token now: one's own, or anybody's by an administrator. Audited. Raises Http404, RefusedError if it has ended."""
    token = access.get_token(actor, token_id, for_update=True)
    if token.ended:
        raise RefusedError(Refusal.ENDED)
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    _record(actor, "api_token.revoked", token)
    return token


def end_tokens_of(user_ids: Iterable[int], at: datetime) -> None:
    """With a person's access or sessions their tokens end, for good; in the caller's transaction, which leaves the trail."""
    ApiToken.objects.filter(alive(), user__in=list(user_ids)).update(revoked_at=Greatest("created_at", Value(at)))


def note_use(token: ApiToken) -> None:
    """Note that a token was used now; no write if that is known to the minute."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at >= SEEN_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def prune() -> None:
    """Forget the answers kept for requests that will not come again."""
    old = IdempotentRequest.objects.filter(created_at__lt=timezone.now() - KEPT_ANSWERS)
    while ids := list(old.values_list("pk", flat=True)[:_BATCH]):
        IdempotentRequest.objects.filter(pk__in=ids).delete()


def _record(actor: Actor, verb: str, token: ApiToken, changes: dict[str, object] | None = None) -> None:
    audit.record(actor=actor, verb=verb, subject_type="api_token", subject_id=token.pk, changes=changes)
