"""The only way for a reader to a file."""

import uuid

from django.http import Http404

from portal.accounts.rules import Actor
from portal.files.models import StoredFile
from portal.files.registry import may_read


def get_file(actor: Actor, file_id: uuid.UUID) -> StoredFile:
    """A file that its owner's wing lets the actor read. Raises Http404."""
    found = StoredFile.objects.filter(pk=file_id).first()
    if found is None or not may_read(actor, found):
        raise Http404
    return found
