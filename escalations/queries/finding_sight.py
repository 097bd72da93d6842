"""What somebody may look through for cases, and what a search brings back."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from django.db.models import Q

from escalations.choices import OPEN_STATES
from escalations.models import Case
from portal.accounts.rules import Actor

from .scope import Scope, condition, insider, scope_of

#: The sight of somebody who sees nothing.
NO_SCOPE: Final = Scope()


class Way(IntEnum):
    """How a case was found, the surest first."""

    REFERENCE = 0
    BEGINNING = 1
    WORDS = 2
    APART = 3


#: The order of what was found.
type Rank = tuple[int, bool, int]


@dataclass(frozen=True, slots=True)
class Found:
    """A case, and the entry where the words stand (None: in the case itself). `through`: the case where they stand, which
    was merged into this one."""

    case_id: int
    state: str
    merged_into: int | None = None
    entry_id: int | None = None
    way: Way = Way.WORDS
    through: int | None = None

    @property
    def rank(self) -> Rank:
        """The surest first, then open before ended, then the newest."""
        return self.way, self.state not in OPEN_STATES, -self.case_id


@dataclass(frozen=True, slots=True)
class Finds:
    """What a search brings back. `is_short`: not all cases were asked whether their rows together hold the words."""

    cases: Sequence[Found]
    is_short: bool = False


@dataclass(frozen=True, slots=True)
class Sight:
    """What a reader may look through: all that they see, and what of it is shown to them with internal notes. `newest`: the
    number of the newest case of all."""

    whole: Scope
    inside: Scope
    newest: int

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing at all that the reader sees."""
        return self.whole == NO_SCOPE

    @property
    def is_of_raisers(self) -> bool:
        """Whether the reader sees what certain people raised, and nothing else but single cases."""
        scope = self.whole
        return bool(scope.raisers) and not (scope.everything or scope.levels or scope.services or scope.sites)

    @property
    def cases(self) -> Q:
        """Cases in sight."""
        return condition(self.whole)

    @property
    def words(self) -> Q:
        """Rows of words in sight."""
        seen = of_case(condition(self.whole))
        if self.inside == self.whole:
            return seen
        return seen & (Q(is_internal=False) | of_case(condition(self.inside)))


def sight_of(actor: Actor) -> Sight:
    """What the actor may look through. At most five queries; three for all who are of the company or of a partner alone."""
    whole = scope_of(actor)
    newest = Case.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    inside = insider(actor)
    if inside is actor:
        return Sight(whole, whole, newest)
    return Sight(whole, scope_of(inside) if inside.standings else NO_SCOPE, newest)


def of_case(given: Q) -> Q:
    """A condition on cases as one on what belongs to them."""
    found = Q()
    found.connector, found.negated = given.connector, given.negated
    children: list[Any] = list(given.children)
    found.children = [of_case(one) if isinstance(one, Q) else (f"case__{one[0]}", one[1]) for one in children]
    return found
