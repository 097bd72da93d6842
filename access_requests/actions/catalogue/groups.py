"""Groups and who is in them."""

from dataclasses import asdict, dataclass

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.refusals import RefusedError

from ... import access
from ...models import ApprovalStage, Group, GroupMember, System
from ...queries.catalogue import possible_members
from .base import change, configuring, create, refusing, set_archived, trail


@dataclass(frozen=True, slots=True)
class GroupValues:
    """What a group is called."""

    name: str
    name_zh: str = ""


@transaction.atomic
def add_group(*, actor: Actor, code: str, values: GroupValues) -> Group:
    """A new group, empty. Audited. Raises PermissionDenied, RefusedError."""
    acting = configuring(actor)
    return create(Group(code=code, **asdict(values)), actor=acting)


@transaction.atomic
def change_group(*, actor: Actor, code: str, version: int | None, values: GroupValues) -> Group:
    """Rename a group. Audited. Raises Http404, PermissionDenied, ConflictError."""
    row = access.get_group(actor, code, for_update=True)
    return change(row, asdict(values), version=version, actor=configuring(actor))


@transaction.atomic
def archive_group(*, actor: Actor, code: str, archived: bool = True) -> Group:
    """Take a group out of use, or bring it back. Audited. Raises Http404, PermissionDenied, RefusedError (group_in_use)."""
    row = access.get_group(actor, code, for_update=True)
    acting = configuring(actor)
    if archived and _used(row):
        raise RefusedError("group_in_use")
    set_archived(row, archived, actor=acting)
    return row


def _used(group: Group) -> bool:
    works = System.objects.filter(group=group, archived_at=None)
    decides = ApprovalStage.objects.filter(group=group, rule__archived_at=None)
    return works.exists() or decides.exists()


@transaction.atomic
def add_member(*, actor: Actor, code: str, user_id: int) -> GroupMember:
    """Somebody joins a group, from now on. Audited. Raises Http404, PermissionDenied, RefusedError."""
    row = access.get_group(actor, code, for_update=True)
    acting = configuring(actor)
    if not possible_members().filter(pk=user_id).exists():
        raise RefusedError("member_unknown", "user")
    with refusing():
        member = GroupMember.objects.create(group=row, user_id=user_id)
    trail(row, "member_added", acting, {"user": user_id})
    return member


@transaction.atomic
def end_member(*, actor: Actor, code: str, member_id: int) -> GroupMember:
    """Somebody leaves a group. Twice is once. Audited. Raises Http404, PermissionDenied."""
    row = access.get_group(actor, code, for_update=True)
    acting = configuring(actor)
    member = row.members.filter(pk=member_id).first()
    if member is None:
        raise Http404
    if member.ended_at is None:
        member.ended_at = timezone.now()
        member.save(update_fields=["ended_at"])
        trail(row, "member_ended", acting, {"user": member.user_id})
    return member
