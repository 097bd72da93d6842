"""What the nightly check found, in one line, and who reads it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import ngettext

from portal.accounts.choices import Role
from portal.accounts.rules import Actor

from ..wording.periods import day_text
from .signal_words import named

if TYPE_CHECKING:
    from portal.notifications.models import Notification


def title(params: Mapping[str, Any], count: int) -> str:
    """`Chengdu, 19 Nov 2026: 3 sums were not what the facts say. They are made again.`"""
    text = ngettext(
        "%(site)s, %(day)s: %(n)d sum was not what the facts say. It is made again.",
        "%(site)s, %(day)s: %(n)d sums were not what the facts say. They are made again.",
        int(params["n"]),
    )
    return text % {"site": named(params, "site"), "day": day_text(date.fromisoformat(params["day"])), "n": params["n"]}


def visible(actor: Actor, notifications: Sequence["Notification"]) -> Mapping[int, Collection[int]]:
    """Administrators read all of them, and nobody else."""
    return {one.pk: [] for one in notifications} if actor.has(Role.ADMINISTRATOR) else {}
