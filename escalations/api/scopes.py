"""What tokens may be good for here."""

from typing import Final

READ: Final = "cases:read"
WRITE: Final = "cases:write"
