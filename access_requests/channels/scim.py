"""SCIM: an account per person, a group per entitlement. What was done is read back before it counts as gone."""

from scim2_models import User

from portal.notifications.registry import RetryLater, Undeliverable

from ..choices import Operation, Proof
from .base import Outcome, Parcel
from .directory import Directory, directory_of


def carry(parcel: Parcel) -> Outcome:
    """Grant or revoke. Raises RetryLater and Undeliverable."""
    with directory_of(parcel.system) as directory:
        if parcel.operation == Operation.GRANT:
            return _grant(directory, parcel)
        return _revoke(directory, parcel)


def is_live(parcel: Parcel) -> bool:
    """Whether the system gives what the parcel is about, asked now; for a removal, whether anything of it is left.

    Raises RetryLater and Undeliverable.
    """
    with directory_of(parcel.system) as directory:
        user = directory.user(parcel.person_id, parcel.email, parcel.account)
        if user is None:
            return False
        if parcel.operation == Operation.GRANT:
            return _has(directory, parcel, user)
        return _leftover(directory, parcel, user)


def _grant(directory: Directory, parcel: Parcel) -> Outcome:
    group = _group(directory, parcel)
    user = directory.user(parcel.person_id, parcel.email, parcel.account)
    if user is None:
        user = directory.make(parcel.person_id, parcel.name, parcel.email)
    directory.let_in(user, True)
    if group and not directory.is_member(user, group):
        directory.join(user, group)
    seen = directory.again(user) if parcel.system.proof == Proof.READ_BACK else None
    proven = seen is not None and _has(directory, parcel, seen)
    return Outcome(done=True, proven=proven, account=(str(user.id), True))


def _group(directory: Directory, parcel: Parcel) -> str | None:
    """The group that stands for the entitlement; None where the account itself does. Raises Undeliverable."""
    value = parcel.entitlement.external_value
    if not value:
        return None
    group = directory.group(value)
    if group is None:
        raise Undeliverable("no_group")
    return group


def _has(directory: Directory, parcel: Parcel, user: User) -> bool:
    value = parcel.entitlement.external_value
    group = directory.group(value) if value else None
    return user.active is not False and (not value or (group is not None and directory.is_member(user, group)))


def _revoke(directory: Directory, parcel: Parcel) -> Outcome:
    user = directory.user(parcel.person_id, parcel.email, parcel.account)
    if user is None:
        return Outcome(done=True, proven=True)
    # The account first: from then on nobody gets in, whatever the groups say.
    if parcel.last:
        directory.let_in(user, False)
    value = parcel.entitlement.external_value
    group = directory.group(value) if value else None
    if group and directory.is_member(user, group):
        directory.leave(user, group)
    seen = directory.again(user)
    if seen is not None and _leftover(directory, parcel, seen):
        raise RetryLater("still_live")
    active = seen is not None and seen.active is not False
    return Outcome(done=True, proven=True, account=(str(user.id), active))


def _leftover(directory: Directory, parcel: Parcel, user: User) -> bool:
    """Whether anything is left of what was to go: the membership, or an open account that nothing needs any more."""
    if parcel.last and user.active is not False:
        return True
    value = parcel.entitlement.external_value
    group = directory.group(value) if value else None
    return group is not None and directory.is_member(user, group)
