"""Owners of files. A wing registers what its files hang on, and who may read them; without that nobody may."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.accounts.rules import Actor
    from portal.files.models import StoredFile

MayRead = Callable[["Actor", "StoredFile"], bool]

_owners: dict[str, MayRead] = {}


def register_owner(kind: str, may_read: MayRead) -> None:
    """Say who may read the files whose `owner_kind` is this. Raises ValueError if another rule has the kind."""
    if _owners.setdefault(kind, may_read) != may_read:
        raise ValueError(f"file owner {kind!r} is taken")


def unregister_owner(kind: str) -> None:
    """Forget a kind; for tests."""
    _owners.pop(kind, None)


def may_read(actor: "Actor", file: "StoredFile") -> bool:
    """Whether the owner's wing lets the actor read it; files of nobody, or of an unknown kind, are nobody's to read."""
    rule = _owners.get(file.owner_kind)
    return rule is not None and rule(actor, file)
