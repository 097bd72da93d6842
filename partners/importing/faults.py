"""How the reading of a row ends when something is wrong with it."""

from typing import Any

from ..rules.rosters import Fault


class FaultError(Exception):
    """Stops the reading of a row."""

    def __init__(self, field: str, code: str, **params: Any) -> None:
        super().__init__(code)
        self.fault = Fault(field, code, params)
