"""What allauth does to accounts: told to the audit trail, and with a new password the keys of the old one end."""

from typing import Any

from allauth.account.signals import password_changed, password_reset
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db import transaction
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.registry import end_keys
from portal.accounts.rules import SYSTEM, Actor
from portal.audit.actions import record


def connect() -> None:
    """Called once, when the room opens."""
    for signal, verb in (
        (user_logged_in, "user.signed_in"),
        (user_logged_out, "user.signed_out"),
        (password_changed, "user.password_changed"),
        (password_reset, "user.password_reset"),
    ):
        signal.connect(_recorder(verb), dispatch_uid=verb, weak=False)
    for signal in (password_changed, password_reset):
        signal.connect(_end_keys, dispatch_uid="end_keys", weak=False)
    for signal, verb in (
        (authenticator_added, "user.second_factor_added"),
        (authenticator_removed, "user.second_factor_removed"),
        (authenticator_reset, "user.second_factor_renewed"),
    ):
        signal.connect(_factor_recorder(verb), dispatch_uid=verb, weak=False)


def sign_in_failed(email: str) -> None:
    """Somebody could not sign in with this address; kept only if the address is somebody's."""
    found = User.objects.filter(email__iexact=email).values_list("pk", flat=True).first()
    if found is not None:
        record(actor=SYSTEM, verb="user.sign_in_failed", subject_type="user", subject_id=found)


def _end_keys(user: User, **kwargs: Any) -> None:
    """Whoever knew the old password may have made themselves other ways in."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        end_keys([user.pk], timezone.now())


def _recorder(verb: str) -> Any:
    def receive(user: Any = None, **kwargs: Any) -> None:
        if isinstance(user, User):
            _note(verb, user, {})

    return receive


def _factor_recorder(verb: str) -> Any:
    def receive(user: User, authenticator: Authenticator, **kwargs: Any) -> None:
        _note(verb, user, {"factor": authenticator.type})

    return receive


def _note(verb: str, user: User, changes: dict[str, object]) -> None:
    actor = Actor(user_id=user.pk, person_id=user.person_id)
    record(actor=actor, verb=verb, subject_type="user", subject_id=user.pk, changes=changes)
