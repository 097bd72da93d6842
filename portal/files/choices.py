"""Types of files that the portal knows, by their content."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

UNKNOWN: Final = "application/octet-stream"
TEXT: Final = "text/plain"
CSV: Final = "text/csv"
HTML: Final = "text/html"
SVG: Final = "image/svg+xml"
MAIL: Final = "message/rfc822"
ZIP: Final = "application/zip"
GZIP: Final = "application/gzip"
PDF: Final = "application/pdf"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX: Final = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


@dataclass(frozen=True, slots=True)
class FileType:
    """A type by its usual endings; `inline` if a browser may show it by itself."""

    extensions: tuple[str, ...]
    inline: bool = False


TYPES: Final[Mapping[str, FileType]] = {
    "image/png": FileType((".png",), inline=True),
    "image/jpeg": FileType((".jpg", ".jpeg"), inline=True),
    "image/gif": FileType((".gif",), inline=True),
    "image/webp": FileType((".webp",), inline=True),
    PDF: FileType((".pdf",)),
    TEXT: FileType((".txt", ".log", ".md")),
    CSV: FileType((".csv", ".tsv")),
    MAIL: FileType((".eml",)),
    DOCX: FileType((".docx",)),
    XLSX: FileType((".xlsx",)),
    PPTX: FileType((".pptx",)),
    ZIP: FileType((".zip",)),
    GZIP: FileType((".gz",)),
}
# What people attach to their work.
DOCUMENTS: Final = frozenset({*TYPES} - {ZIP, GZIP})
# What a table may come in.
TABLES: Final = frozenset({CSV, TEXT, XLSX, GZIP})
# Containers that unpack to more than they are.
ARCHIVES: Final = frozenset({DOCX, XLSX, PPTX, ZIP})
