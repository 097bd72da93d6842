"""Roles given and ended. Rows stay; what somebody could do on a day in the past remains visible."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from portal.accounts import access
from portal.accounts.choices import Refusal, Role
from portal.accounts.models import Membership, User
from portal.accounts.rules import Actor, RefusedError, scope_fits
from portal.audit.actions import record


@dataclass(frozen=True, slots=True)
class Grant:
    """A role within a scope, as it is to be given."""

    role: str
    partner_id: int | None = None
    site_id: int | None = None
    service_id: int | None = None
    is_lead: bool = False

    def check(self) -> None:
        """Raises RefusedError if the scope does not fit the role."""
        fits = scope_fits(
            self.role,
            partner=self.partner_id is not None,
            site=self.site_id is not None,
            service=self.service_id is not None,
        )
        if not fits or (self.is_lead and self.role != Role.ASSOCIATE):
            raise RefusedError(Refusal.SCOPE)


@transaction.atomic
def add_membership(*, actor: Actor, user_id: int, grant: Grant, at: datetime | None = None) -> Membership:
    """Give a role, from `at` (now) on. Audited. Raises RefusedError, Http404."""
    user = access.get_user(actor, user_id, for_update=True)
    if not user.is_active:
        raise RefusedError(Refusal.INACTIVE)
    return give(actor, user, grant, at or timezone.now())


def give(actor: Actor, user: User, grant: Grant, at: datetime) -> Membership:
    """Write one membership of a user whose row the caller has locked or made. Raises RefusedError."""
    grant.check()
    fields = asdict(grant)
    held = {key: value for key, value in fields.items() if key != "is_lead"}
    if Membership.objects.filter(user=user, ended_at=None, **held).exists():
        raise RefusedError(Refusal.ROLE_HELD)
    membership = Membership.objects.create(user=user, starts_at=at, **fields)
    changes = {key: value for key, value in fields.items() if value not in (None, False)}
    record(actor=actor, verb="user.role_given", subject_type="user", subject_id=user.pk, changes=changes)
    return membership


@transaction.atomic
def end_membership(*, actor: Actor, membership_id: int) -> Membership:
    """End a role now. Audited. Raises RefusedError for the last administrator's, and for one that has ended; Http404."""
    membership = access.get_membership(actor, membership_id)
    now = timezone.now()
    if membership.ended_at is not None:
        raise RefusedError(Refusal.ENDED)
    if membership.role == Role.ADMINISTRATOR and is_last_administrator([membership.user_id]):
        raise RefusedError(Refusal.LAST_ADMINISTRATOR)
    membership.ended_at = max(now, membership.starts_at)
    membership.save(update_fields=["ended_at"])
    scope = {key: getattr(membership, key) for key in ("partner_id", "site_id", "service_id")}
    changes = {"role": membership.role, **{key: value for key, value in scope.items() if value}}
    record(actor=actor, verb="user.role_ended", subject_type="user", subject_id=membership.user_id, changes=changes)
    return membership


def is_last_administrator(user_ids: list[int]) -> bool:
    """True if these are all the active administrators there are. Locks the administrators' memberships, so that two
    of them who remove each other at once do not both succeed."""
    rows = Membership.objects.select_for_update(of=("self",)).filter(
        role=Role.ADMINISTRATOR, ended_at=None, user__is_active=True
    )
    holders = set(rows.order_by("pk").values_list("user_id", flat=True))
    return bool(holders) and holders <= set(user_ids)
