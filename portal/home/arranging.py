"""Which panels of "My day" are whose work, in which order. Pure: no Django, no database."""

from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from portal.accounts.rules import SERVICE_LEAD, Actor


class Keyed(Protocol):
    """A panel, as far as its place matters."""

    @property
    def key(self) -> str: ...


_MEET: Final = ("review_actions", "packs")
#: By role, in the order in which somebody with several roles reads them.
ORDER: Final[Mapping[str, tuple[str, ...]]] = {
    "coordinator": (
        "clocks_need", "breaching", "owed_by_law", "waiting", "later_today", "mine", "consults", "offered", "mentions",
        "new_cases", "access", *_MEET,
    ),
    SERVICE_LEAD: (
        "clocks_need", "breaching", "owed_by_law", "waiting", "later_today", "consults", "offered", "mentions", "mine",
        "new_cases", *_MEET,
    ),
    "associate": (
        "mine", "owed_by_law", "later_today", "consults", "offered", "mentions", "waiting", "breaching", "new_cases", *_MEET,
    ),
    "partner_manager": ("waiting", "signals", "breaching", "owed_by_law", "access", *_MEET, "mine", "new_cases"),
    "partner_lead": ("attestations", "waiting", "access", "mine", *_MEET),
    "partner_qa": ("review_actions", "mine", "packs"),
    "partner_agent": ("mine",),
    "it_fulfilment": ("access", "waiting"),
    "administrator": ("clocks_need", "waiting", "new_cases", "signals"),
    "auditor": ("signals", "new_cases", "packs"),
}  # fmt: skip


def arranged[T: Keyed](actor: Actor, panels: Iterable[T]) -> list[T]:
    """The panels in the order of the actor's roles; what no role places keeps its order after that, news of the inbox last."""
    roles = {SERVICE_LEAD if s.role == "associate" and s.is_lead else s.role for s in actor.standings}
    keys = [key for role, placed in ORDER.items() if role in roles for key in placed]
    place = {key: number for number, key in reversed(list(enumerate(keys)))}
    return sorted(panels, key=lambda panel: (panel.key == "unread", place.get(panel.key, len(keys))))
