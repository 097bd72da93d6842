"""Write policies: every change of what one says is a new version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from portal.audit.actions import Acts, record
from sla.actions.calendars import OutdatedError
from sla.actions.recomputing import schedule
from sla.models import EscalationLevel, Policy, PolicyTarget, PolicyVersion


@dataclass(frozen=True, slots=True)
class TargetContent:
    """How long one metric may take: business minutes on a calendar, warnings in percent, states that pause."""

    minutes: int
    calendar_id: int
    warn: tuple[int, ...] = ()
    pause_states: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LevelContent:
    """Who hears of a breach how many business minutes after it."""

    minutes_after: int
    who: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PolicyContent:
    """Everything that a policy's version says, stored or not yet; `levels` in order, the first is level 1."""

    match: Mapping[str, Sequence[str]] = field(default_factory=dict)
    targets: Mapping[str, TargetContent] = field(default_factory=dict)
    levels: Sequence[LevelContent] = ()


def policy_content(version: PolicyVersion) -> PolicyContent:
    """What a stored version says. Two queries."""
    return PolicyContent(
        match={name: tuple(values) for name, values in sorted(version.match.items())},
        targets={
            target.metric: TargetContent(
                target.minutes, target.calendar_id, tuple(target.warn), tuple(target.pause_states)
            )
            for target in version.targets.order_by("metric")
        },
        levels=tuple(LevelContent(level.minutes_after, tuple(level.who)) for level in version.levels.order_by("level")),
    )


@transaction.atomic
def create_policy(
    *,
    actor: Acts,
    subject_kind: str,
    name: str,
    name_zh: str = "",
    content: PolicyContent,
    position: int | None = None,
) -> Policy:
    """A new policy with its first version, at a place in the list (1 is the first; the end if not given)."""
    last = Policy.objects.filter(subject_kind=subject_kind, archived_at=None).aggregate(n=Max("position"))["n"] or 0
    policy = Policy.objects.create(subject_kind=subject_kind, name=name, name_zh=name_zh, position=last + 1)
    _add_version(actor, policy, content, 1)
    if position is not None:
        _place(policy, position)
    schedule(actor=actor, subject_kind=subject_kind, policy_id=policy.pk)
    record(actor=actor, verb="policy.created", subject_type="policy", subject_id=policy.pk)
    return policy


@transaction.atomic
def change_policy(
    *, actor: Acts, policy_id: int, name: str, name_zh: str, content: PolicyContent, position: int, expected: int
) -> PolicyVersion:
    """Save a changed policy: a new version if its content differs, then open clocks are recomputed by a worker.

    `expected` is the version's number that the change was made from. Raises OutdatedError if there is a newer one.
    """
    policy = Policy.objects.select_for_update(no_key=True).get(pk=policy_id)
    version = newest_policy_version(policy_id)
    if version.number != expected:
        raise OutdatedError
    changes: dict[str, object] = {}
    if (policy.name, policy.name_zh) != (name, name_zh):
        policy.name, policy.name_zh = name, name_zh
        policy.save(update_fields=["name", "name_zh"])
        changes["renamed"] = True
    if policy_content(version) != content:
        version = _add_version(actor, policy, content, expected + 1)
        changes["version"] = version.number
    if _place(policy, position):
        changes["position"] = position
    if changes.keys() - {"renamed"}:
        schedule(actor=actor, subject_kind=policy.subject_kind, policy_id=policy_id)
    if changes:
        record(actor=actor, verb="policy.changed", subject_type="policy", subject_id=policy_id, changes=changes)
    return version


@transaction.atomic
def archive_policy(*, actor: Acts, policy_id: int, archived: bool) -> None:
    """Take a policy out of the list, or put it back at the end; open clocks are recomputed by a worker."""
    policy = Policy.objects.select_for_update(no_key=True).get(pk=policy_id)
    if (policy.archived_at is not None) == archived:
        return
    policy.archived_at = timezone.now() if archived else None
    policy.save(update_fields=["archived_at"])
    if not archived:
        _place(policy, 1 + _listed(policy).count())
    schedule(actor=actor, subject_kind=policy.subject_kind, policy_id=policy_id)
    verb = "policy.archived" if archived else "policy.restored"
    record(actor=actor, verb=verb, subject_type="policy", subject_id=policy_id)


def newest_policy_version(policy_id: int) -> PolicyVersion:
    """A policy's newest version. Raises PolicyVersion.DoesNotExist."""
    return PolicyVersion.objects.filter(policy_id=policy_id).order_by("-number")[:1].get()


def _add_version(actor: Acts, policy: Policy, content: PolicyContent, number: int) -> PolicyVersion:
    version = PolicyVersion.objects.create(
        policy=policy,
        number=number,
        match={name: list(values) for name, values in content.match.items() if values},
        created_by_id=actor.user_id,
    )
    PolicyTarget.objects.bulk_create(
        PolicyTarget(
            version=version,
            metric=metric,
            minutes=target.minutes,
            calendar_id=target.calendar_id,
            warn=list(target.warn),
            pause_states=list(target.pause_states),
        )
        for metric, target in content.targets.items()
    )
    EscalationLevel.objects.bulk_create(
        EscalationLevel(version=version, level=at, minutes_after=level.minutes_after, who=list(level.who))
        for at, level in enumerate(content.levels, 1)
    )
    return version


def _listed(policy: Policy) -> QuerySet[Policy, Policy]:
    """The other policies of the list, in order."""
    return (
        Policy.objects.filter(subject_kind=policy.subject_kind, archived_at=None)
        .exclude(pk=policy.pk)
        .order_by("position", "pk")
    )


def _place(policy: Policy, position: int) -> bool:
    """Put a policy at a place in the list and number the list from 1; True if the order changed."""
    with_it = Policy.objects.filter(subject_kind=policy.subject_kind, archived_at=None).order_by("position", "pk")
    before = list(with_it.select_for_update(no_key=True))
    order = [other for other in before if other.pk != policy.pk]
    order.insert(min(max(0, position - 1), len(order)), policy)
    for at, other in enumerate(order, 1):
        other.position = at
    Policy.objects.bulk_update(order, ["position"])
    return [other.pk for other in order] != [other.pk for other in before]
