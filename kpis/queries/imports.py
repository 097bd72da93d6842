"""Imports of facts as people may see them: whose sites they speak of, and what they replaced."""

from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from partners import queries as directory
from portal.accounts.choices import Role
from portal.accounts.rules import Actor

from ..choices import BatchState
from ..models import Batch, Revision, RowFault
from .scope import COMPANY, SEE_ALL, sees_all

IMPORTERS: Final = (Role.ADMINISTRATOR, *COMPANY)
READERS: Final = (*SEE_ALL, *COMPANY)


def may_import(actor: Actor) -> bool:
    """Whether the actor brings facts in for some site."""
    return actor.is_system or actor.has(*IMPORTERS)


def reads_imports(actor: Actor) -> bool:
    """Whether the actor sees imports at all."""
    return actor.is_system or actor.has(*READERS)


def importable_sites(actor: Actor) -> frozenset[int] | None:
    """Ids of the sites that the actor's files may speak of; None: all."""
    if actor.is_system or actor.has(Role.ADMINISTRATOR):
        return None
    return frozenset(directory.site_ids_for(actor, *COMPANY))


def batches_visible_to(actor: Actor) -> "QuerySet[Batch]":
    """The imports that speak of nothing but sites in the actor's charge, and their own that were not read yet."""
    rows = Batch.objects.all()
    if sees_all(actor):
        return rows
    own = directory.site_ids_for(actor, *COMPANY)
    if not own:
        return rows.none()
    through: Any = Batch.sites.through
    places = through.objects.filter(batch=OuterRef("pk"))
    some, others = Exists(places.filter(site__in=own)), Exists(places.exclude(site__in=own))
    return rows.filter(Q(some) | Q(user_id=actor.user_id)).exclude(Q(others))


def waiting() -> "QuerySet[Batch]":
    """Uploads that a worker is to read, the oldest first."""
    return Batch.objects.filter(state=BatchState.READING, file__isnull=False).order_by("created_at", "pk")


def is_checked(batch: Batch) -> bool:
    """Whether its rows have been counted before: one that is read again is to be applied."""
    return batch.rows > 0


def faults_of(batch: Batch) -> "QuerySet[RowFault]":
    """What is wrong with its rows, in the order of the file; the first thousand."""
    return batch.row_faults.order_by("row", "id")


def may_read_file(actor: Actor, batch: Batch) -> bool:
    """Whether the actor, who sees the import, may have its file. Bad rows may speak of sites that are not in their sight."""
    return sees_all(actor) or batch.user_id == actor.user_id or not batch.faults


def replaced_by(actor: Actor, batch: Batch) -> "QuerySet[Revision]":
    """The facts that it replaced, at sites in the actor's sight."""
    rows = Revision.objects.filter(batch=batch).select_related("site", "queue", "person", "former_batch")
    return rows if sees_all(actor) else rows.filter(site__in=directory.site_ids_for(actor, *COMPANY))
