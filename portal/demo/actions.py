"""Builds the demo tenant: once, in parts that are whole or not there, so that an interrupted build goes on where it was."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import datetime, timedelta
from multiprocessing import get_context

from django.db import connections, transaction
from django.utils import timezone

from escalations.actions import add_issue_type, add_service, in_silence
from escalations.queries import issue_ids_by_code, services_visible_to, visible_to
from partners.queries import sites_visible_to
from portal.accounts.models import User
from portal.accounts.rules import SYSTEM
from portal.audit.actions import record
from portal.demo.access_catalogue import build_access_catalogue
from portal.demo.access_policies import build_access_policies
from portal.demo.access_work import build_access_work
from portal.demo.cases import SEED, World, build_case, customer_ref
from portal.demo.content import ISSUES, SERVICES
from portal.demo.knowledge import build_templates
from portal.demo.law import build_law
from portal.demo.people import ADMIN_EMAIL, build_people, cast_of
from portal.demo.performance import DAYS, build_performance, hand_in_figures
from portal.demo.places import build_places
from portal.demo.playbooks import build_playbooks
from portal.demo.processes import set_up
from portal.demo.reviews import build_reviews
from portal.demo.rosters import build_rosters
from portal.demo.rules_of_time import build_calendars, build_policies
from sla.actions import tick
from sla.queries import remembering

CASES = 3000
CHUNK = 20


def missing_cases(count: int) -> list[int]:
    """Numbers of the cases that are still to be built."""
    built = set(visible_to(SYSTEM).filter(customer_ref__startswith="C-77").values_list("customer_ref", flat=True))
    return [number for number in range(count) if customer_ref(number) not in built]


def build_demo(
    *, cases: int = CASES, days: int = DAYS, processes: int = 2, progress: Callable[[int], object] = lambda done: None
) -> None:
    """Build what is missing of the tenant, with facts of so many days (0: none); `progress` hears how many cases were added."""
    if not User.objects.filter(email=ADMIN_EMAIL).exists():
        _build_company()
    if days:
        build_performance(days)
    numbers = missing_cases(cases)
    now = timezone.now() - timedelta(seconds=30)
    for done in _built(numbers, now, processes):
        progress(done)
    if days:
        hand_in_figures()
        build_reviews()


def _built(numbers: list[int], now: datetime, processes: int) -> Iterator[int]:
    chunks = [numbers[i : i + CHUNK] for i in range(0, len(numbers), CHUNK)]
    if processes == 1:
        yield from (build_chunk(chunk, now) for chunk in chunks)
        return
    connections.close_all()
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=set_up) as pool:
        for done in as_completed([pool.submit(build_chunk, chunk, now) for chunk in chunks]):
            yield done.result()


def build_chunk(numbers: list[int], now: datetime) -> int:
    """Build these cases, each in a transaction of its own. Returns how many."""
    world = _world()
    with in_silence(), remembering():
        for number in numbers:
            build_case(world, number, now)
    return len(numbers)


@transaction.atomic
def _build_company() -> None:
    """Everything but the cases, in one transaction."""
    rng = random.Random(SEED)
    calendars = build_calendars()
    sites = build_places(calendars, rng)
    services = {code: add_service(actor=SYSTEM, code=code, name=name, name_zh=zh).pk for code, name, zh in SERVICES}
    build_policies(calendars)
    build_law(calendars)
    build_access_policies(calendars)
    build_people(sites, services, rng)
    build_access_catalogue()
    build_access_work(cast_of({site.pk: site.partner_id for site in sites}), rng)
    build_rosters()
    build_templates(services)
    build_playbooks(services, _build_issue_types())
    record(actor=SYSTEM, verb="demo.built", subject_type="demo", subject_id=1)


def settle_clocks() -> None:
    """Let everything that fell due while the demo was built happen in silence, before the worker starts."""
    with in_silence():
        tick(budget_seconds=600)


def _issue_code(path: tuple[str, ...]) -> str:
    return "/".join(path).lower().replace(" ", "-")


def _build_issue_types() -> dict[tuple[str, ...], int]:
    """Every level of every issue type, made once; their ids by path."""
    made: dict[tuple[str, ...], int] = {}
    for facts in ISSUES:
        for level in (1, 2, 3):
            path = facts.path[:level]
            if path not in made:
                names = {"name": path[-1], "name_zh": facts.path_zh[level - 1]}
                parent = made.get(path[:-1])
                made[path] = add_issue_type(actor=SYSTEM, parent_id=parent, code=_issue_code(path), **names).pk
    return made


def _world() -> World:
    """What cases are made from, read back."""
    sites = sites_visible_to(SYSTEM).order_by("pk")
    partner_of = dict(sites.values_list("pk", "partner_id"))
    codes = issue_ids_by_code()
    issues = {facts.path: codes[_issue_code(facts.path)] for facts in ISSUES}
    services = dict(services_visible_to(SYSTEM).values_list("code", "pk"))
    return World(cast_of(partner_of), list(partner_of), services, issues)
