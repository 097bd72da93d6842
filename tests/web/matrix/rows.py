"""A row of the table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """Statuses of GET and of an empty POST; `args` names what the address needs."""

    get: list[int]
    post: list[int]
    args: str = ""


def row(get: str, post: str, args: str = "") -> Row:
    """A row from two lines of statuses."""
    return Row([int(part) for part in get.split()], [int(part) for part in post.split()], args)
