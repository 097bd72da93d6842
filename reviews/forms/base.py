"""What forms of the wing have in common: a version that travels along, and refusals in the wing's words."""

from portal.refusals import RefusedError
from portal.ui import versioned
from portal.ui.forms import choose

from ..wording import refusal_text

__all__ = ["VersionedForm", "choose"]


class VersionedForm(versioned.VersionedForm):
    """A form over one row of the wing."""

    def words_of(self, refused: RefusedError) -> str:
        """A refusal in the reader's language."""
        return refusal_text(refused.code, refused.params)
