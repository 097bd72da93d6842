"""Types of what comes in. Unknown fields are refused by name, and so is what the database cannot hold."""

import re
from typing import Annotated, Any, Final

from django.http import HttpRequest
from django.utils.translation import gettext_noop as marked
from ninja import Header, Schema
from pydantic import AwareDatetime, BeforeValidator, ConfigDict, Field, StringConstraints

from portal.api.choices import MAX_KEY

from .problems import Fault, ProblemError, sentence_of

# PostgreSQL keeps no NUL.
KEPT: Final = r"^[^\x00]*$"
# The same, and not only spaces.
SAID: Final = r"^[^\x00]*[^\x00\s][^\x00]*$"
MAX_PAGE: Final = 100
MAX_TEXT: Final = 20_000
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d([.]\d{1,6})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _written(value: Any) -> Any:
    """Only what is written as an instant: numbers would be read as seconds since 1970."""
    return value if isinstance(value, str) and _INSTANT.fullmatch(value) else None


Text = Annotated[str, StringConstraints(max_length=MAX_TEXT, pattern=KEPT)]
Said = Annotated[str, StringConstraints(max_length=MAX_TEXT, pattern=SAID)]
Instant = Annotated[AwareDatetime, BeforeValidator(_written), Field(strict=False)]
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=MAX_KEY,
        pattern=r"^[!-~]+$",
        description=marked("New for each thing to do, the same for every attempt at it. Kept for 24 hours."),
    ),
]


class Closed(Schema):
    """An object that takes these fields and no others."""

    model_config = ConfigDict(extra="forbid")


class Body(Closed):
    """A body: values are taken as JSON has them, a number in quotes is no number."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Listed(Closed):
    """What every list takes."""

    limit: int = Field(50, ge=1, le=MAX_PAGE, description=marked("How many at once."))
    cursor: Annotated[str, StringConstraints(max_length=2000, pattern=KEPT)] | None = Field(
        None, description=marked("Where to go on: `next` or `previous` of the last answer.")
    )


def only(request: HttpRequest, asked: type[Schema]) -> None:
    """Refuse query parameters that the address does not know. Raises ProblemError, which names them."""
    unknown = [name for name in request.GET if name not in asked.model_fields]
    if unknown:
        faults = [
            Fault(f"query.{name[:80]}", "extra_forbidden", sentence_of("extra_forbidden", {})) for name in unknown[:20]
        ]
        raise ProblemError(422, "not_valid", faults=faults)
