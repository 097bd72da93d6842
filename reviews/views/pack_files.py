"""How far a pack and its files are, in the reader's words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal.accounts.rules import Actor

from ..choices import FileState, PackState
from ..models import Pack, PackFile
from ..queries.files import standing
from ..queries.jobs import place_of
from ..rules.standing import running
from ..wording.files import failure_text


@dataclass(frozen=True, slots=True)
class FileShown:
    """The newest file of a format and language: `current` holds all that was said of the pack; `why` it is not there yet."""

    row: PackFile
    current: bool
    why: str


def progress_of(actor: Actor, pack: Pack, of_hash: str = "") -> dict[str, Any]:
    """How far it is: its numbers, then its files; `version` changes with what there is to show. `of_hash`: of the draft, if it is known."""
    waits = pack.state == PackState.WAITING
    files = [] if waits else _shown(pack, pack.content_hash or of_hash or standing(pack)[1])
    to_come = sum(one.row.state == FileState.WAITING for one in files)
    done = len(files) - to_come
    wrong = bool(pack.error) if waits else any(not one.current or one.row.state == FileState.FAILED for one in files)
    return {
        "pack": pack, "files": files, "under_way": waits or bool(to_come), "done": done,
        "failed": waits and bool(pack.error), "retry": wrong and running(actor, place_of(pack)) is not None,
        "percent": 0 if waits else round(100 * (done + 1) / (len(files) + 1)),
        "version": f"{pack.state}-{pack.attempts}-{_version(files)}",
    }  # fmt: skip


def _shown(pack: Pack, of_hash: str) -> Sequence[FileShown]:
    rows = PackFile.objects.filter(pack=pack, final=pack.state == PackState.PUBLISHED)
    newest: dict[tuple[str, str], PackFile] = {}
    for one in rows.order_by("format", "language", "-pk"):
        newest.setdefault((one.format, one.language), one)
    return [FileShown(one, one.of_hash == of_hash, failure_text(one.error)) for one in newest.values()]


def _version(files: Sequence[FileShown]) -> str:
    return ".".join(f"{one.row.pk}{one.row.state[0]}{one.row.attempts}" for one in files)
