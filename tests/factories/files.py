"""Uploads made for tests."""

import io
import zipfile
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.files.uploadedfile import SimpleUploadedFile

from portal.files import registry

PNG = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    """What a browser sends."""
    return SimpleUploadedFile(name, content)


def office(folder: str = "xl", **entries: bytes) -> bytes:
    """A container as Office writes them; `entries` are further parts by name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(f"{folder}/part.xml", "<x/>")
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


@contextmanager
def owned(kind: str, may_read: Callable[..., bool]) -> Iterator[None]:
    """Register a kind of owner for the time of a test."""
    registry.register_owner(kind, may_read)
    try:
        yield
    finally:
        registry.unregister_owner(kind)
