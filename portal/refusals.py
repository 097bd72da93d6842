"""How an action says no: a code that the wing's `wording` tells in the reader's language. Pure: no Django, no database."""

from collections.abc import Mapping


class RefusedError(Exception):
    """A write that the rules or the database do not allow: a code, the form field it belongs to, parameters."""

    def __init__(self, code: str, field: str | None = None, params: Mapping[str, object] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.params = dict(params or {})


class ConflictError(Exception):
    """Somebody else changed the row since it was read; `row` is as it stands now."""

    def __init__(self, row: object) -> None:
        super().__init__("conflict")
        self.row = row
