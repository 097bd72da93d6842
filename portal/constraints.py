"""What the database refuses by the name of a constraint, as a reason that people read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import DatabaseError, transaction

from portal.refusals import RefusedError


@contextmanager
def refusing(reason: Callable[[str], RefusedError | None]) -> Iterator[None]:
    """Turns what a constraint or trigger refuses into the reason that is given for its name ("" without one); what was written
    inside is undone. Where there is no reason, the database's error goes on."""
    try:
        with transaction.atomic():
            yield
    except DatabaseError as error:
        found = reason(getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or "")
        if found is None:
            raise
        raise found from error
