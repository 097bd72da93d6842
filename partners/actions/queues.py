"""Writes to queues, where contacts of a programme arrive."""

from dataclasses import asdict, dataclass

from django.db import transaction

from portal.accounts.rules import Actor

from .. import access
from ..models import Programme, Queue
from . import base
from .organisation import in_use


@dataclass(frozen=True, slots=True)
class QueueValues:
    """What a queue is made of, besides its programme."""

    name: str
    code: str
    name_zh: str = ""


@transaction.atomic
def add_queue(*, actor: Actor, programme: Programme, values: QueueValues) -> Queue:
    """Create a queue in a programme; audited. Raises PermissionDenied, RefusedError."""
    allowed = access.permit_site(actor, programme.site)
    in_use(Programme.objects.filter(pk=programme.pk), "programme")
    return base.create(Queue(programme=programme, **asdict(values)), actor=allowed)


@transaction.atomic
def change_queue(*, actor: Actor, pk: int, version: int, values: QueueValues) -> Queue:
    """Change a queue; audited. Raises Http404, PermissionDenied, ConflictError, RefusedError."""
    row = access.get_queue(actor, pk, for_update=True)
    return base.change(row, asdict(values), version=version, actor=access.permit_site(actor, row.programme.site))


@transaction.atomic
def archive_queue(*, actor: Actor, pk: int) -> Queue:
    """Take a queue out of use; its figures stay. Raises Http404, PermissionDenied."""
    row = access.get_queue(actor, pk, for_update=True)
    base.archive(row, actor=access.permit_site(actor, row.programme.site))
    return row


@transaction.atomic
def restore_queue(*, actor: Actor, pk: int) -> Queue:
    """Bring a queue back into use. Raises Http404, PermissionDenied, RefusedError if its programme is archived."""
    row = access.get_queue(actor, pk, for_update=True)
    allowed = access.permit_site(actor, row.programme.site)
    in_use(Programme.objects.filter(pk=row.programme_id), "programme")
    base.restore(row, actor=allowed)
    return row
