"""Which files a pack has, and which it lacks."""

from ..choices import FileState, PackState
from ..models import Pack
from .content import draft_hash


def standing(pack: Pack) -> tuple[bool, str]:
    """What files of the pack as it is are of: whether it is final, and its hash. One query for a draft."""
    final = pack.state == PackState.PUBLISHED
    return final, pack.content_hash if final else draft_hash(pack)


def languages_of(pack: Pack) -> list[str]:
    """The languages that there are files in, or will be."""
    return list(pack.files.order_by("language").values_list("language", flat=True).distinct())


def lacking(pack: Pack) -> bool:
    """Whether a file failed, or was asked for of an older draft only. Two queries for a draft."""
    if pack.state == PackState.WAITING:
        return False
    final, of_hash = standing(pack)
    rows = list(pack.files.values_list("format", "language", "final", "of_hash", "state"))
    now = {row[:2]: row[4] for row in rows if row[2:4] == (final, of_hash)}
    return any(now.get(row[:2], FileState.FAILED) == FileState.FAILED for row in rows)
