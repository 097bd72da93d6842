"""A small world of actions: two sites with somebody in every role."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from reviews.actions import actions as acts
from reviews.models import Action
from reviews.rules.standing import Place
from tests.escalations.pages_world import World


def in_days(days: float) -> datetime:
    """An instant so far ahead."""
    return timezone.now() + timedelta(days=days)


def raised(made: World, *, by: str = "coordinator", owner: str = "lead", **more: Any) -> Action:
    """An action at the site."""
    origin = {"origin": more.pop("origin")} if "origin" in more else {}
    given = {"title": "Coach the late shift", "owner_id": made.users[owner].pk, "due_at": in_days(7), **more}
    place = Place(made.site.pk, made.site.partner_id)
    return acts.raise_action(actor=made.actor(by), place=place, wording=acts.Wording(**given), **origin)


def done(made: World, action: Action, *, by: str = "lead", evidence: str = "Rota of Monday") -> Action:
    """Its owner says so."""
    return acts.done(actor=made.actor(by), ref=action.ref, evidence=evidence)
