"""The parts of an evidence pack and the archive of them. The same case gives the same bytes: nothing in it depends on when or how
often it was made."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils import timezone, translation

from escalations.actions.evidence import Built, NotPackedError
from escalations.choices.evidence import PackFault
from escalations.queries import evidence as packing
from portal.files import actions as files
from portal.ui import pdf

from .evidence_lines import clock_rows, fact_rows, letters, timeline_rows

if TYPE_CHECKING:
    from escalations.models import Case, EvidencePack, TimelineEntry
    from portal.accounts.rules import Actor
    from portal.files.models import StoredFile

_CHUNK: Final = 1024 * 1024
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the archive: bytes, or a stored file. `name` is what people called it."""

    path: str
    content: bytes = b""
    file: StoredFile | None = None
    name: str = ""

    @property
    def sha256(self) -> str:
        """The hash of what it holds, or is to hold."""
        return self.file.sha256 if self.file else hashlib.sha256(self.content).hexdigest()

    @property
    def size(self) -> int:
        """Bytes."""
        return self.file.size if self.file else len(self.content)


def build(actor: Actor, case: Case, pack: EvidencePack, out: IO[bytes]) -> Built:
    """Write the archive. Raises NotPackedError when a file of the case is lost, NoPangoError."""
    entries = list(packing.packed_entries(actor, case, pack.asked_at))
    with _spoken(pack.language, case):
        parts = sorted(_parts(actor, case, entries), key=lambda part: part.path)
    manifest = _manifest(case, parts)
    listed = [*parts, Part("manifest.json", manifest)]
    checksums = "".join(f"{part.sha256}  {part.path}\n" for part in listed).encode()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for part in (*listed, Part("manifest.txt", checksums)):
            _write(archive, part)
    return Built(packing.cases_in(case, entries), hashlib.sha256(manifest).hexdigest())


@contextmanager
def _spoken(language: str, case: Case) -> Iterator[None]:
    """In the language of whoever asked, by the clock of the site."""
    zone = ZoneInfo(case.site.time_zone) if case.site else ZoneInfo("UTC")
    with translation.override(language), timezone.override(zone):
        yield


def _parts(actor: Actor, case: Case, entries: Sequence[TimelineEntry]) -> Iterator[Part]:
    attached = packing.attached(entries)
    paths = {file.pk: _path(number, file) for number, (_row, file) in enumerate(attached, 1)}
    for _row, file in attached:
        yield Part(paths[file.pk], file=file, name=file.name)
    named: dict[int, list[str]] = {}
    for row, file in attached:
        named.setdefault(row.pk, []).append(paths[file.pk])
    lines = timeline_rows(actor, entries, case, named)
    facts, clocks = fact_rows(case), clock_rows(actor, case)
    yield Part("case.json", _json({"case": case.ref, "facts": [{"name": a, "value": b} for a, b in facts]}))
    yield Part("clocks.json", _json(clocks))
    for number, letter in enumerate(letters(lines), 1):
        yield Part(f"messages/{number:04d}.txt", letter.encode())
    context = {
        "case": case,
        "facts": facts,
        "clocks": clocks,
        "lines": lines,
        "zone": timezone.get_current_timezone_name(),
    }
    language = "zh-Hans" if (translation.get_language() or "").startswith("zh") else "en"
    markup = render_to_string("escalations/evidence_pdf.html", {**context, "lang": language})
    yield Part("timeline.pdf", pdf.to_pdf(markup))


def _path(number: int, file: StoredFile) -> str:
    """A name that every system can keep, and no two files share."""
    safe = _UNSAFE.sub("_", file.name).strip("._")[-80:] or "file"
    return f"attachments/{number:04d}-{safe}"


def _manifest(case: Case, parts: Sequence[Part]) -> bytes:
    listed: list[dict[str, Any]] = [
        {"path": part.path, "bytes": part.size, "sha256": part.sha256, **({"name": part.name} if part.name else {})}
        for part in parts
    ]
    return _json({"format": 1, "case": case.ref, "hash": "sha256", "files": listed})


def _json(value: Mapping[str, Any] | Sequence[Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _write(archive: zipfile.ZipFile, part: Part) -> None:
    info = zipfile.ZipInfo(part.path, _EPOCH)
    info.create_system, info.external_attr, info.file_size = 3, 0o600 << 16, part.size
    with archive.open(info, "w") as into:
        if part.file is None:
            into.write(part.content)
        else:
            _copy(part.file, into)


def _copy(row: StoredFile, into: IO[bytes]) -> None:
    """The original bytes, if they are still those that came."""
    digest = hashlib.sha256()
    try:
        with files.read(row) as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                into.write(chunk)
    except FileNotFoundError as error:
        raise NotPackedError(PackFault.FILE_LOST) from error
    if digest.hexdigest() != row.sha256:
        raise NotPackedError(PackFault.FILE_LOST)
