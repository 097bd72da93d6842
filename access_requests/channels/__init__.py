"""How systems are told of changes: one module per channel, each with a `carry` that does one item and says how it went.

Nothing here writes our tables: what came of it is settled by `actions.carrying`.
"""

from collections.abc import Callable, Mapping
from typing import Final

from ..choices import Channel
from . import email, scim, webhook
from .base import Outcome, Parcel

CARRIERS: Final[Mapping[str, Callable[[Parcel], Outcome]]] = {
    Channel.EMAIL: email.carry,
    Channel.WEBHOOK: webhook.carry,
    Channel.SCIM: scim.carry,
}

__all__ = ["CARRIERS", "Outcome", "Parcel"]
