"""Imports of facts, fetched and authorised in one call. What is out of sight raises Http404."""

from django.core.exceptions import PermissionDenied
from django.http import Http404

from portal.accounts.rules import Actor
from portal.refusals import RefusedError

from ..models import Batch
from ..queries import imports


def get_batch(actor: Actor, pk: int) -> Batch:
    """An import, with who brought it."""
    row = imports.batches_visible_to(actor).select_related("user", "file").filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def lock_batch(actor: Actor, pk: int) -> Batch:
    """An import that the actor may decide about, locked. Raises RefusedError while a worker reads it."""
    get_batch(actor, pk)
    permit_importing(actor)
    row = Batch.objects.select_for_update(of=("self",), no_key=True, skip_locked=True).filter(pk=pk).first()
    if row is None:
        raise RefusedError("import_busy")
    return row


def permit_importing(actor: Actor) -> Actor:
    """The actor as who they bring facts in. Raises PermissionDenied for who only reads."""
    if not imports.may_import(actor):
        raise PermissionDenied
    return actor if actor.is_system else actor.acting_as(actor.of(*imports.IMPORTERS)[0])
