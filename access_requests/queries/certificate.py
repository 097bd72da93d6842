"""The history of somebody's access as proof: who approved, when, why, verified how. From what was written down, nothing else."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from ..choices import Operation
from ..models import Decision, Grant, GrantReason, RequestItem


@dataclass(frozen=True, slots=True)
class Step:
    """An item that brought something or took it away, with the decisions about it."""

    item: RequestItem
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """A grant, past or present: its reasons, what brought it, what ended it."""

    grant: Grant
    reasons: tuple[GrantReason, ...]
    brought: tuple[Step, ...]
    ended: Step | None

    @property
    def is_live(self) -> bool:
        """Whether it is held still."""
        return self.grant.ended_at is None


def proofs_of(person_id: int) -> list[Proof]:
    """Every grant of a person, present ones first, then the latest ended. Four queries. The caller has checked who asks."""
    grants = list(
        Grant.objects.filter(person_id=person_id)
        .select_related("entitlement__system")
        .order_by("entitlement__system__name", "entitlement__name", "-started_at", "pk")
    )
    reasons: dict[int, list[GrantReason]] = defaultdict(list)
    rows = GrantReason.objects.filter(grant__person_id=person_id).select_related(
        "bundle", "sod_exception__approved_by", "item"
    )
    for one in rows.order_by("starts_at", "pk"):
        reasons[one.grant_id].append(one)
    steps = _steps(grants, [one for found in reasons.values() for one in found])
    found = [_proof(one, reasons[one.pk], steps) for one in grants]
    return sorted(found, key=lambda one: not one.is_live)


def _steps(grants: Iterable[Grant], reasons: Iterable[GrantReason]) -> dict[int, Step]:
    ids = {pk for one in grants for pk in (one.item_id, one.revoke_item_id) if pk is not None}
    ids |= {one.item_id for one in reasons if one.item_id is not None}
    decisions: dict[int, list[Decision]] = defaultdict(list)
    for one in (
        Decision.objects.filter(item_id__in=ids).select_related("decided_by", "principal").order_by("decided_at", "pk")
    ):
        decisions[one.item_id].append(one)
    items = RequestItem.objects.filter(pk__in=ids).select_related(
        "request__requested_by", "request__on_behalf_of", "claimed_by", "claimed_for", "verified_by", "verified_for",
        "bundle_version__bundle",
    )  # fmt: skip
    return {one.pk: Step(one, tuple(decisions[one.pk])) for one in items}


def _proof(grant: Grant, reasons: list[GrantReason], steps: dict[int, Step]) -> Proof:
    ids = dict.fromkeys(pk for pk in (grant.item_id, *(one.item_id for one in reasons)) if pk is not None)
    brought = tuple(steps[pk] for pk in ids if pk in steps and steps[pk].item.operation == Operation.GRANT)
    return Proof(grant, tuple(reasons), brought, steps.get(grant.revoke_item_id or 0))


def with_live_reasons(rows: list[Grant]) -> list[tuple[Grant, list[GrantReason]]]:
    """Grants with the reasons that live. One query. The caller has checked who asks."""
    reasons: dict[int, list[GrantReason]] = defaultdict(list)
    live = GrantReason.objects.filter(grant__in=rows, ended_at=None).select_related("bundle", "item")
    for one in live.order_by("pk"):
        reasons[one.grant_id].append(one)
    return [(one, reasons[one.pk]) for one in rows]
