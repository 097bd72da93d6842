"""Writes to queues."""

from dataclasses import asdict, dataclass

from django.db import transaction

from portal.accounts.rules import Actor

from .. import access
from ..models import Programme, Queue
from ..rules import RefusedError
from . import base


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
    if not Programme.objects.filter(pk=programme.pk, archived_at__isnull=True).select_for_update().exists():
        raise RefusedError("programme_archived")
    return base.create(Queue(programme=programme, **asdict(values)), actor=allowed)
