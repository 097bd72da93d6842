"""Standing in for somebody: for a period, one level deep, one stand-in at a time."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.accounts import access, queries
from portal.accounts.choices import Refusal
from portal.accounts.mail import mail_to
from portal.accounts.models import Delegation, User
from portal.accounts.rules import MAX_DELEGATION_DAYS, Actor, RefusedError
from portal.audit.actions import record


@transaction.atomic
def delegate(
    *, actor: Actor, principal_id: int, delegate_email: str, starts_at: datetime, ends_at: datetime
) -> Delegation:
    """Name a stand-in for a period, and tell them by mail. Audited.

    One's own, or anybody's by an administrator. Raises RefusedError: unknown address and unfit person read the same, so that
    nobody can find out who is here; Http404 for somebody else's principal.
    """
    principal = access.get_principal(actor, principal_id)
    if not principal.is_active:
        raise RefusedError(Refusal.INACTIVE)
    _check_period(starts_at, ends_at)
    stand_in = queries.stand_ins_for(principal).filter(email__iexact=delegate_email).first()
    if stand_in is None:
        raise RefusedError(Refusal.NO_STAND_IN)
    row = _create(actor, principal, stand_in, starts_at, ends_at)
    record(
        actor=actor,
        verb="user.stand_in_named",
        subject_type="user",
        subject_id=principal.pk,
        changes={"delegate_id": stand_in.pk, "starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()},
    )
    _tell("stand_in", row)
    return row


@transaction.atomic
def cancel_delegation(*, actor: Actor, delegation_id: int) -> Delegation:
    """End a delegation now, or before it began; the stand-in is told. Audited. Raises RefusedError if it is over."""
    row = access.get_delegation(actor, delegation_id)
    now = timezone.now()
    if row.cancelled_at is not None or row.ends_at <= now:
        raise RefusedError(Refusal.ENDED)
    row.cancelled_at = now
    row.save(update_fields=["cancelled_at"])
    record(
        actor=actor,
        verb="user.stand_in_cancelled",
        subject_type="user",
        subject_id=row.principal_id,
        changes={"delegate_id": row.delegate_id},
    )
    _tell("stand_in_cancelled", row)
    return row


def _check_period(starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at or ends_at <= timezone.now():
        raise RefusedError(Refusal.PERIOD)
    if ends_at - starts_at > timedelta(days=MAX_DELEGATION_DAYS):
        raise RefusedError(Refusal.TOO_LONG)


def _create(actor: Actor, principal: User, stand_in: User, starts_at: datetime, ends_at: datetime) -> Delegation:
    try:
        with transaction.atomic():
            return Delegation.objects.create(
                principal=principal,
                delegate=stand_in,
                starts_at=starts_at,
                ends_at=ends_at,
                created_by_id=actor.user_id,
            )
    except IntegrityError:  # the exclusion constraint: two stand-ins at once
        raise RefusedError(Refusal.OVERLAP) from None


def _tell(template: str, row: Delegation) -> None:
    context = {
        "principal": row.principal.name,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "zone": row.delegate.time_zone,
    }
    mail_to(row.delegate, template, context, str(row.pk))
