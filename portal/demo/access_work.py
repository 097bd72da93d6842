"""Joiners, movers, leavers and wishes of the demo: asked for, decided, carried out, failed and proven by those who do so."""

import random
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from access_requests import queries
from access_requests.actions import (
    Line,
    ask_exception,
    cancel,
    claim,
    decide,
    dispatch,
    dispute,
    fail,
    in_silence,
    raise_request,
    report_leavers,
    take,
    verify_by_lead,
)
from access_requests.actions._base import lock_requests, move
from access_requests.choices import ItemState, Operation, RequestKind, Verdict
from access_requests.queries import catalogue
from partners import queries as directory
from partners.actions.people import PersonValues, Start, hire
from partners.actions.placements import PlacementValues, place
from portal.accounts.actions import delegate
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM, Actor
from portal.demo.access_catalogue import IT_EMAIL, MANAGER_EMAIL
from portal.demo.content import FAMILY, GIVEN
from portal.demo.people import Cast
from portal.demo.trouble import build_trouble

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from access_requests.models import RequestItem
    from partners.models import Placement, Site

STAND_IN = "coordinator.west@demo.example"
# Days from today on which waves of joiners begin, and how many at the first site and at others.
WAVES = ((1, 3, 1), (7, 4, 1), (12, 2, 0))


def build_access_work(cast: Cast, rng: random.Random) -> None:
    """Everything that is under way in the demo, in silence."""
    with ExitStack() as quiet:
        quiet.enter_context(in_silence())
        sites = list(directory.live_sites().order_by("pk"))
        for number, site in enumerate(sites):
            _joiners(site, cast, rng, first=number == 0)
        _moves(sites, cast)
        _wishes(sites, cast)
        _leavers(sites, cast)
        _decisions()
        while dispatch():
            pass
        _it_works(rng)
        _leads_look(sites, cast)
        _rest(sites, cast)
        build_trouble(sites, cast)
        _stand_in()


def _user(email: str) -> Actor:
    return actor_for(User.objects.get(email=email))


def _items(*states: str) -> "QuerySet[RequestItem]":
    return queries.items_visible_to(SYSTEM).filter(state__in=states).order_by("pk")


def _ids(rows: "QuerySet[RequestItem]") -> list[int]:
    return list(rows.values_list("pk", flat=True))


def _thing(code: str) -> int:
    return catalogue.entitlements_visible_to(SYSTEM).get(code=code).pk


def _agents(site: "Site") -> "list[Placement]":
    rows = directory.placements_visible_to(SYSTEM).filter(directory.in_force(directory.today()), site=site)
    return list(rows.filter(job_role__code="AGENT").order_by("pk"))


def _joiners(site: "Site", cast: Cast, rng: random.Random, *, first: bool) -> None:
    like = _agents(site)[0]
    for days, many, few in WAVES:
        for number in range(many if first else few):
            day = directory.today() + timedelta(days=days)
            values = PersonValues(name=f"{rng.choice(GIVEN)} {rng.choice(FAMILY)}")
            hire(actor=cast.coordinators[site.pk], site=site, values=values, start=_start(like, day, number))


def _start(like: "Placement", day: date, number: int) -> Start:
    return Start(
        job_role_id=like.job_role_id, first_day=day, employee_number=f"{like.site.code}-{day:%m%d}{number}",
        programme_id=like.programme_id, team_id=like.team_id, lead_id=like.lead_id,
    )  # fmt: skip


def _moves(sites: "Sequence[Site]", cast: Cast) -> None:
    """Agents who become trainers, here and there."""
    trainer = directory.job_roles().get(code="TRAINER").pk
    for site in sites[:4]:
        one = _agents(site)[-1]
        values = PlacementValues(
            job_role_id=trainer, first_day=directory.today(), programme_id=one.programme_id, team_id=one.team_id,
            lead_id=one.lead_id,
        )  # fmt: skip
        place(actor=cast.coordinators[site.pk], person_id=one.person_id, site=site, values=values, end_current=True)


def _wishes(sites: "Sequence[Site]", cast: Cast) -> None:
    """Ad hoc requests; one of them would make somebody enter and approve refunds, one stays a draft, one is taken back."""
    refund, approve, look = _thing("pay-refund"), _thing("pay-approve"), _thing("pay-view")
    for number, site in enumerate(sites):
        lead, agents = cast.raisers[site.pk][0], _agents(site)
        lines = [Line(one.person_id, refund if number % 3 == 0 else look) for one in agents[2:4]]
        _ask(lead, site, lines, "Refund desk during the holidays")
        if number < 2:
            _ask(lead, site, [Line(agents[4].person_id, refund), Line(agents[4].person_id, approve)], "Month end")
        if number == 2:
            _ask(lead, site, [Line(agents[5].person_id, _thing("kb-edit"))], "Writes articles", submit=False)
            cancel(actor=lead, ref=_ask(lead, site, [Line(agents[6].person_id, look)], "Asked for the wrong person"))


def _ask(lead: Actor, site: "Site", lines: list[Line], reason: str, *, submit: bool = True) -> int:
    made = raise_request(
        actor=lead, kind=RequestKind.AD_HOC, site_id=site.pk, lines=lines, reason=reason, submit=submit
    )
    return made.pk


def _leavers(sites: "Sequence[Site]", cast: Cast) -> None:
    """Some left today, some leave in two days."""
    for number, site in enumerate(sites[:6]):
        lead, agents = cast.raisers[site.pk][0], _agents(site)
        last = timezone.now() + timedelta(days=2 if number % 2 else 0)
        people = [agents[7].person_id] if number else [agents[3].person_id, agents[7].person_id]
        report_leavers(actor=lead, site_id=site.pk, person_ids=people, last_shift_at=last, reason="Contract ended")


def _decisions() -> None:
    """The manager has gone through some of it, and has left the rest for the visitor."""
    manager = _user(MANAGER_EMAIL)
    waiting = _ids(_items(ItemState.AWAITING_APPROVAL))
    decide(actor=manager, item_ids=waiting[::2], verdict=Verdict.APPROVED)
    decide(actor=manager, item_ids=waiting[1:8:4], verdict=Verdict.REJECTED, comment="Not for this team.")
    decide(actor=_user("payments.1@demo.example"), item_ids=waiting[::4], verdict=Verdict.APPROVED)


def _it_works(rng: random.Random) -> None:
    """Most is done, some is being worked on, some cannot be done."""
    worker = _user(IT_EMAIL)
    sent = _ids(_items(ItemState.SENT))
    rng.shuffle(sent)
    share = len(sent) // 10
    fail(actor=worker, item_ids=sent[:4], why="No licence left in this region")
    take(actor=worker, item_ids=sent[4 : 4 + share])
    claim(actor=worker, item_ids=sent[4 + 3 * share :], ticket="INC-20418")


def _leads_look(sites: "Sequence[Site]", cast: Cast) -> None:
    """Leads confirm most of what is done; one of them cannot sign in."""
    for number, site in enumerate(sites):
        lead = cast.raisers[site.pk][0]
        done = _ids(_items(ItemState.CLAIMED_DONE).filter(request__site=site))
        if number == 1:
            dispute(actor=lead, item_ids=done[:1], why="The account is there, but signing in fails")
        verify_by_lead(actor=lead, item_ids=done[1 : max(2, len(done) - 3)])


def _rest(sites: "Sequence[Site]", cast: Cast) -> None:
    """An exception that somebody asked for; and what would take two weeks, or a desk that does not answer."""
    now = timezone.now()
    blocked = _items(ItemState.BLOCKED_SOD).select_related("request").first()
    if blocked is not None:
        lead = cast.raisers[blocked.request.site_id][0]
        ask_exception(
            actor=lead, item_id=blocked.pk, reason="Alone on the desk until Friday", ends_at=now + timedelta(days=5)
        )
    old = _ids(_items(ItemState.AWAITING_APPROVAL))[-2:]
    queued = _ids(_items(ItemState.QUEUED).filter(operation=Operation.GRANT))[:2]
    lock_requests(_items().model.objects.filter(pk__in=[*old, *queued]).values_list("request_id", flat=True))
    move(old[:1], "expire", actor=SYSTEM, at=now)
    move(queued[:1], "fail", actor=SYSTEM, at=now, params={"why": "450 try again later"}, failure="450 try again later")


def _stand_in() -> None:
    """The manager is away from tomorrow on."""
    manager = _user(MANAGER_EMAIL)
    now = timezone.now()
    delegate(
        actor=manager, principal_id=manager.user_id or 0, delegate_email=STAND_IN, starts_at=now,
        ends_at=now + timedelta(days=7),
    )  # fmt: skip
