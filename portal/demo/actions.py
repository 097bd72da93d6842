"""Builds the demo tenant, once."""

import random
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from escalations.actions import add_issue_type, add_service
from portal.accounts.models import User
from portal.accounts.rules import SYSTEM
from portal.audit.actions import record
from portal.demo.cases import World, build_cases
from portal.demo.content import ISSUES, SERVICES
from portal.demo.people import ADMIN_EMAIL, build_people
from portal.demo.places import build_places
from portal.demo.rules_of_time import build_calendars, build_policies
from sla.actions import tick

CASES = 3000
SEED = 20260904


def is_built() -> bool:
    """True when the demo's administrator is there: everything is written in one transaction."""
    return User.objects.filter(email=ADMIN_EMAIL).exists()


@transaction.atomic
def build_demo(*, cases: int = CASES, progress: Callable[[], object] = lambda: None) -> None:
    """Build the whole tenant in one transaction; a build that was interrupted leaves nothing. `progress` after each case."""
    rng = random.Random(SEED)
    now = timezone.now()
    calendars = build_calendars()
    sites = build_places(calendars, rng)
    services = {code: add_service(actor=SYSTEM, code=code, name=name, name_zh=zh).pk for code, name, zh in SERVICES}
    build_policies(calendars)
    cast = build_people(sites, services, rng)
    world = World(cast, sites, services, _issue_types(), rng)
    build_cases(world, cases, now - timedelta(seconds=30), progress)
    record(actor=SYSTEM, verb="demo.built", subject_type="demo", subject_id=1, changes={"cases": cases})


def settle_clocks() -> None:
    """Let everything that fell due while the demo was built happen, before the worker starts."""
    while tick():
        pass


def _issue_types() -> dict[tuple[str, str, str], int]:
    """Every level of every issue type, made once."""
    made: dict[tuple[str, ...], int] = {}
    for facts in ISSUES:
        for level in (1, 2, 3):
            path = facts.path[:level]
            if path not in made:
                parent = made.get(path[:-1])
                name, name_zh = path[-1], facts.path_zh[level - 1]
                made[path] = add_issue_type(actor=SYSTEM, parent_id=parent, name=name, name_zh=name_zh).pk
    return {path: pk for path, pk in made.items() if len(path) == 3}  # type: ignore[misc]
