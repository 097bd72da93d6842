"""How systems are told of changes: one module per channel, each with a `carry` that does one item and says how it went.

Nothing here writes our tables: what came of it is settled by `actions.carrying`.
"""

from collections.abc import Callable, Mapping
from typing import Final

from ..choices import Channel
from ..models import System
from . import email, webhook
from .base import Outcome, Parcel


# The models of SCIM are a fifth of the start of every process, and few ever speak it.
def _scim(parcel: Parcel) -> Outcome:
    from . import scim

    return scim.carry(parcel)


def is_live(parcel: Parcel) -> bool:
    """Whether a system that can be asked gives what the parcel is about. Raises RetryLater and Undeliverable."""
    from . import scim

    return scim.is_live(parcel)


def address_of(system: System) -> str:
    """Where a system is asked; "" for one that is written to, or worked by hand."""
    if system.channel == Channel.WEBHOOK and system.webhook_target is not None:
        return str(system.webhook_target.url)
    return system.scim_url if system.channel == Channel.SCIM else ""


CARRIERS: Final[Mapping[str, Callable[[Parcel], Outcome]]] = {
    Channel.EMAIL: email.carry,
    Channel.WEBHOOK: webhook.carry,
    Channel.SCIM: _scim,
}

__all__ = ["CARRIERS", "Outcome", "Parcel", "address_of", "is_live"]
