"""Whether a file may come in: name, size, content, and what it unpacks to. Each refusal says what to do."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from portal.files.archives import TooLongError, check_archive, too_large_unpacked
from portal.files.choices import ARCHIVES, TYPES, ZIP
from portal.files.detecting import detect
from portal.files.scanning import refuse_infected

NAME_LENGTH: Final = 200
_NOT_IN_NAMES: Final = str.maketrans(dict.fromkeys('\\/:*?"<>|', "_"))


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may come in: the name it is kept under, and what it is."""

    name: str
    content_type: str


def safe_name(name: str) -> str:
    """The last part of a path without anything that a file system, a header or a reader would trip over; never empty."""
    last = name.replace("\\", "/").rpartition("/")[2]
    seen = "".join(char for char in unicodedata.normalize("NFC", last) if unicodedata.category(char)[0] != "C")
    cleaned = " ".join(seen.translate(_NOT_IN_NAMES).split()).strip(". ")
    if len(cleaned) <= NAME_LENGTH:
        return cleaned or "file"
    suffix = PurePosixPath(cleaned).suffix[:20]
    return cleaned[: NAME_LENGTH - len(suffix)] + suffix


# Django's class takes no type argument at run time.
if TYPE_CHECKING:
    _Upload = UploadedFile[bytes]
else:
    _Upload = UploadedFile


class LostUpload(_Upload):
    """An upload for which there was no room while it came in."""


def no_room() -> ValidationError:
    """What to say when the disk is full."""
    text = _(
        "There is no room for files at the moment, and this one was not kept. Try again later; the administrator finds why in the log."
    )
    return ValidationError(text, code="room")


def check(upload: File[bytes], *, allowed: Collection[str] | None, max_bytes: int | None = None) -> Checked:
    """Look at an upload. `allowed` are content types; None takes anything (mail from outside).

    Raises ValidationError with a code: room, name, empty, size, type, damaged, bomb, encrypted, virus, unscanned.
    """
    if isinstance(upload, LostUpload):
        raise no_room()
    name = str(upload.name or "")
    if "\0" in name:
        raise ValidationError(_("The file’s name holds a character that no name may hold."), code="name")
    name = safe_name(name)
    _check_size(upload, settings.FILES_MAX_BYTES if max_bytes is None else max_bytes)
    stream = _stream(upload)
    content_type = _detected(stream, name, taken=allowed is None)
    if allowed is not None:
        _check_type(name, content_type, allowed)
        if content_type in ARCHIVES:
            check_archive(stream)
        refuse_infected(upload, stream)
    return Checked(name, content_type)


def _detected(stream: BinaryIO, name: str, *, taken: bool) -> str:
    """What it is; what is `taken` whatever it is, need not be looked into."""
    try:
        return detect(stream, name)
    except TooLongError as error:
        if taken:
            return ZIP
        raise too_large_unpacked() from error


def _stream(upload: File[bytes]) -> BinaryIO:
    return upload  # type: ignore[return-value]  # Django's files read and seek as any other


def _check_size(upload: File[bytes], limit: int) -> None:
    if not upload.size:
        raise ValidationError(_("The file is empty."), code="empty")
    if upload.size > limit:
        sizes = {"limit": filesizeformat(limit), "size": filesizeformat(upload.size)}
        raise ValidationError(_("The file is %(size)s large; %(limit)s is the most."), code="size", params=sizes)


def _check_type(name: str, content_type: str, allowed: Collection[str]) -> None:
    suffix = PurePosixPath(name.lower()).suffix
    taken = [ending for kind in TYPES if kind in allowed for ending in TYPES[kind].extensions]
    if content_type not in allowed:
        # A list that names the very ending of the file would say that it is taken.
        if suffix in taken:
            text = _("The name says %(said)s, the content does not.")
            raise ValidationError(text, code="type", params={"said": suffix.removeprefix(".").upper()})
        text = _("This type of file is not taken. These are: %(types)s.")
        raise ValidationError(text, code="type", params={"types": ", ".join(taken)})
    if suffix not in TYPES[content_type].extensions:
        text = _("The name ends in “%(ending)s”, but the content is of another type (%(found)s).")
        found = ", ".join(TYPES[content_type].extensions)
        raise ValidationError(text, code="type", params={"ending": suffix, "found": found})
