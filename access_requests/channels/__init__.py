"""How systems are told of changes: one module per channel, each with a `carry` that does one item and says how it went.

Nothing here writes our tables: what came of it is settled by `actions.carrying`.
"""

from collections.abc import Callable, Mapping
from typing import Final

from ..choices import Channel
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


CARRIERS: Final[Mapping[str, Callable[[Parcel], Outcome]]] = {
    Channel.EMAIL: email.carry,
    Channel.WEBHOOK: webhook.carry,
    Channel.SCIM: _scim,
}

__all__ = ["CARRIERS", "Outcome", "Parcel", "is_live"]
