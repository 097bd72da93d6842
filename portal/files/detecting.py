"""What a file is, by its content. The name only tells texts apart, which are all alike inside."""

import re
import zipfile
from pathlib import PurePosixPath
from typing import BinaryIO, Final

import puremagic

from portal.files.archives import entries_of
from portal.files.choices import CSV, DOCX, GZIP, HTML, MAIL, PDF, PPTX, SVG, TEXT, UNKNOWN, XLSX, ZIP

HEAD: Final = 8192
# The first bytes leave no doubt: (offset, bytes, type).
_SIGNS: Final = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"%PDF-", PDF),
    (0, b"\x1f\x8b", GZIP),
)
_OFFICE: Final = {"word": DOCX, "xl": XLSX, "ppt": PPTX}
_BY_NAME: Final = {".csv": CSV, ".tsv": CSV, ".eml": MAIL}
_MARKUP: Final = re.compile(rb"<\s*(?:!doctype\s+html|html|head|body|script|iframe|svg)\b", re.IGNORECASE)
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def detect(stream: BinaryIO, name: str) -> str:
    """The content type of a seekable stream; `application/octet-stream` for what the portal does not know. Raises
    TooLongError for an archive that is not looked into."""
    stream.seek(0)
    head = stream.read(HEAD)
    stream.seek(0)
    if head.startswith(b"PK\x03\x04"):
        return _inside_zip(stream)
    for offset, sign, found in _SIGNS:
        if head[offset:].startswith(sign) and (offset == 0 or head.startswith(b"RIFF")):
            return found
    return _text(head, name) or _other(head)


def _inside_zip(stream: BinaryIO) -> str:
    try:
        names = [entry.filename for entry in entries_of(stream)]
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return UNKNOWN
    if "[Content_Types].xml" in names:
        folders = {name.partition("/")[0] for name in names if "/" in name}
        # A macro makes it another type, which nobody asked for.
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            return UNKNOWN
        return next((_OFFICE[folder] for folder in _OFFICE if folder in folders), ZIP)
    return ZIP


def _text(head: bytes, name: str) -> str:
    """The kind of text, or "" if it is none. Any encoding counts that people save tables in."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head[: len(head) // 2 * 2].decode("utf-16", errors="replace").encode()
    if _CONTROL.search(head):
        return ""
    if _MARKUP.search(head) and PurePosixPath(name.lower()).suffix != ".eml":
        return SVG if b"<svg" in head.lower() and b"<html" not in head.lower() else HTML
    return _BY_NAME.get(PurePosixPath(name.lower()).suffix, TEXT) if _decodes(head) else ""


def _decodes(head: bytes) -> bool:
    for encoding in ("utf-8", "gb18030"):
        try:
            # The last character may be cut off.
            head[: max(0, len(head) - 4)].decode(encoding) if len(head) == HEAD else head.decode(encoding)
        except UnicodeDecodeError as error:
            if len(head) == HEAD and error.start >= len(head) - 8:
                return True
        else:
            return True
    return False


def _other(head: bytes) -> str:
    """What puremagic is sure of, for the record; only types that cannot do harm by being named."""
    try:
        best = max(puremagic.magic_string(head), key=lambda match: match.confidence)
    except (puremagic.PureError, ValueError):
        return UNKNOWN
    kind = best.mime_type or UNKNOWN
    return (
        kind if best.confidence >= 0.5 and kind.startswith(("video/", "audio/", "image/", "application/")) else UNKNOWN
    )
