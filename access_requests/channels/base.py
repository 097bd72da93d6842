"""What a channel is given, and what it answers."""

from dataclasses import dataclass
from datetime import datetime

from ..models import Entitlement, System


@dataclass(frozen=True, slots=True)
class Parcel:
    """One item on its way to a system.

    `reference` as people read it ("AR-1182/53"); `key` names this hand-over for good; `account` is what the system
    called the person when it was last asked, "" if it never was; `last`: nothing else in the system is held, or what
    is held is being taken away as well.
    """

    item_id: int
    generation: int
    reference: str
    key: str
    operation: str
    system: System
    entitlement: Entitlement
    person_id: int
    name: str
    email: str
    site: str
    job_role: str
    account: str
    last: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went: `done` is what the system says, `proven` that it said the same when it was read back.

    Not done: an answer will come by another way. `account`: what the system calls the person, and whether it lets them in.
    """

    done: bool
    proven: bool = False
    ticket: str = ""
    account: tuple[str, bool] | None = None
