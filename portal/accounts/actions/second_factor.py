"""The way back in for somebody whose phone is gone."""

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from portal.accounts import access
from portal.accounts.choices import Refusal
from portal.accounts.models import User
from portal.accounts.registry import end_keys
from portal.accounts.rules import Actor, RefusedError
from portal.audit.actions import record


@transaction.atomic
def reset_second_factor(*, actor: Actor, user_id: int) -> User:
    """Remove somebody else's one-time codes and recovery codes, and sign them out everywhere, programs too. Audited.

    Raises RefusedError for oneself (the profile does that, with a code) and for somebody without a second factor; Http404.
    """
    user = access.get_user(actor, user_id, for_update=True)
    if user.pk == actor.user_id:
        raise RefusedError(Refusal.NOT_YOURSELF)
    removed, __ = Authenticator.objects.filter(user_id=user.pk).delete()
    if not removed:
        raise RefusedError(Refusal.ENDED)
    User.objects.filter(pk=user.pk).update(session_version=F("session_version") + 1)
    end_keys([user.pk], timezone.now())
    record(actor=actor, verb="user.second_factor_reset", subject_type="user", subject_id=user.pk)
    return user
