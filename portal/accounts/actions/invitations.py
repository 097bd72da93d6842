"""How somebody new comes in: by invitation only, with a link that works once and for a week."""

from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from portal.accounts import access, queries
from portal.accounts.actions.memberships import Grant, give
from portal.accounts.choices import Refusal, Role
from portal.accounts.mail import mail_to
from portal.accounts.models import Invitation, Membership, User
from portal.accounts.queries.invitations import check_open
from portal.accounts.rules import INVITATION_DAYS, SYSTEM, Actor, RefusedError
from portal.accounts.tokens import hash_of, new_token
from portal.audit.actions import record


@transaction.atomic
def invite(
    *,
    actor: Actor,
    email: str,
    name: str,
    grants: list[Grant],
    language: str = "en",
    time_zone: str = "UTC",
    person_id: int | None = None,
) -> User:
    """Make a user who cannot sign in yet, with these roles, and mail them a link. Audited.

    Without a `person_id` the user is linked to the person of the directory who has this address, if there is one.
    Raises RefusedError if the address is taken or a scope does not fit, Http404 if the actor does not manage users.
    """
    access.require_manager(actor)
    linked = person_id or queries.person_with(email)
    user = _make_user(email, name, language=language, time_zone=time_zone, person_id=linked)
    changes: dict[str, object] = {"language": language, **({"person_id": linked} if linked else {})}
    record(actor=actor, verb="user.invited", subject_type="user", subject_id=user.pk, changes=changes)
    for grant in grants:
        give(actor, user, grant, timezone.now())
    _send_invitation(actor, user)
    return user


@transaction.atomic
def reinvite(*, actor: Actor, user_id: int) -> Invitation:
    """Withdraw the open invitation and mail a new one. Audited. Raises RefusedError if it was accepted or the user is inactive."""
    user = access.get_user(actor, user_id, for_update=True)
    if not user.is_active:
        raise RefusedError(Refusal.INACTIVE)
    if user.has_usable_password():
        raise RefusedError(Refusal.ALREADY_ACCEPTED)
    withdraw_invitations([user.pk])
    record(actor=actor, verb="user.invited_again", subject_type="user", subject_id=user.pk)
    return _send_invitation(actor, user)


@transaction.atomic
def accept_invitation(*, token: str, password: str) -> User:
    """Set the password of the invited user and use the invitation up. Audited. Raises RefusedError with the reason."""
    found = Invitation.objects.filter(token_hash=hash_of(token)).values_list("user_id", flat=True).first()
    if found is None:
        raise RefusedError(Refusal.INVITATION_UNKNOWN)
    user = User.objects.select_for_update().get(pk=found)
    invitation = (
        Invitation.objects.select_for_update(of=("self",)).select_related("user").get(token_hash=hash_of(token))
    )
    check_open(invitation)
    user.set_password(password)
    user.save(update_fields=["password"])
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    actor = Actor(user_id=user.pk, person_id=user.person_id)
    record(actor=actor, verb="user.accepted", subject_type="user", subject_id=user.pk)
    return user


@transaction.atomic
def first_administrator(*, email: str, name: str) -> str:
    """On an installation without an administrator: make one, and return the address at which they choose a password.

    Audited as done by the system. May be asked again, for another address too, until a link was used; earlier links
    and roles of people who never came in end with that. Raises RefusedError once an administrator has come in.
    """
    _lock_out_others()
    holders = Membership.objects.filter(role=Role.ADMINISTRATOR, ended_at=None, user__is_active=True)
    user = User.objects.filter(email__iexact=email).first()
    came_in = any(row.user.has_usable_password() for row in holders.select_related("user"))
    if came_in or (user is not None and (user.has_usable_password() or not user.is_active)):
        raise RefusedError(Refusal.NOT_EMPTY)
    if user is None:
        user = _make_user(email, name, language="en", time_zone="UTC", person_id=None)
        record(actor=SYSTEM, verb="user.invited", subject_type="user", subject_id=user.pk)
    withdraw_invitations([*holders.values_list("user_id", flat=True), user.pk])
    holders.exclude(user=user).update(ended_at=timezone.now())
    if not holders.filter(user=user).exists():
        give(SYSTEM, user, Grant(Role.ADMINISTRATOR), timezone.now())
    return link_of(_new_invitation(SYSTEM, user)[1])


def _lock_out_others() -> None:
    """Two first administrators at once: the second waits, and then finds the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('portal.accounts.first_administrator'))")


def withdraw_invitations(user_ids: list[int]) -> None:
    """Make the open invitations of these users worthless."""
    open_ones = Invitation.objects.filter(user__in=user_ids, accepted_at=None, withdrawn_at=None)
    open_ones.update(withdrawn_at=timezone.now())


def link_of(token: str) -> str:
    """The whole address at which this token is used."""
    return str(settings.PORTAL_BASE_URL) + reverse("accounts:invitation", args=[token])


def _make_user(email: str, name: str, *, language: str, time_zone: str, person_id: int | None) -> User:
    if User.objects.filter(email__iexact=email).exists():
        raise RefusedError(Refusal.EMAIL_TAKEN)
    try:
        with transaction.atomic():
            return User.objects.create_user(email, name, language=language, time_zone=time_zone, person_id=person_id)
    except IntegrityError:  # somebody else was a moment faster
        raise RefusedError(Refusal.EMAIL_TAKEN) from None


def _new_invitation(actor: Actor, user: User) -> tuple[Invitation, str]:
    token = new_token()
    now = timezone.now()
    invitation = Invitation.objects.create(
        user=user,
        token_hash=hash_of(token),
        invited_by_id=actor.user_id,
        created_at=now,
        expires_at=now + timedelta(days=INVITATION_DAYS),
    )
    return invitation, token


def _send_invitation(actor: Actor, user: User) -> Invitation:
    invitation, token = _new_invitation(actor, user)
    context = {"link": link_of(token), "days": INVITATION_DAYS}
    mail_to(user, "invitation", context, str(invitation.pk))
    return invitation
