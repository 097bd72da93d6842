"""Files that come with a mail: those that people may work with hang on the entry, the others are kept apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.core.exceptions import ValidationError
from django.core.files.base import File

from escalations.choices.mail import FILE_OWNER, HELD_OWNER, Held
from escalations.models import TimelineEntry
from portal.files import actions as files
from portal.files import queries as file_queries
from portal.files.checking import check
from portal.files.choices import DOCUMENTS
from portal.files.scanning import Round
from portal.mailbox.choices import FILE_OWNER as MAIL_OWNER
from portal.mailbox.registry import Incoming

if TYPE_CHECKING:
    from portal.files.models import StoredFile

_CODES: Final = frozenset(Held.values)


def take_files(entry: TimelineEntry, message: Incoming) -> tuple[int, list[list[str]]]:
    """Hang a message's files on its entry. Returns how many were taken, and [id, why] of those that were not."""
    held: list[list[str]] = []
    scans = Round()  # whoever works on the case waits meanwhile
    for file_id in message.file_ids:
        row = file_queries.get(file_id)
        why = _refused(row, scans) if row is not None else ""
        if why:
            held.append([str(file_id), why])
        owner = (HELD_OWNER if why else FILE_OWNER, entry.pk)
        files.move(file_ids=[file_id], from_owner=(MAIL_OWNER, message.id), to_owner=owner)
    return len(message.file_ids) - len(held), held


def _refused(row: StoredFile, scans: Round) -> str:
    """Why a file is not taken, by the same rules as what people attach; "" if it is."""
    with files.read(row) as stream:
        file = File(stream, name=row.name)
        try:
            # What is not taken for another reason is scanned as well: service leads may have that.
            scans.refuse_infected(file, stream)
            check(file, allowed=DOCUMENTS)
        except ValidationError as no:
            return no.code if no.code in _CODES else Held.TYPE.value
    return ""


def drop_files(entry: TimelineEntry) -> None:
    """The words of a mail were removed: what came with it goes as well."""
    for kind in (FILE_OWNER, HELD_OWNER):
        rows = file_queries.files_of(kind, [entry.pk]).get(str(entry.pk), ())
        files.move(file_ids=[row.pk for row in rows], from_owner=(kind, entry.pk), to_owner=None)
