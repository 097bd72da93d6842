"""Disputed ranges: who proposes and decides, what they would change, and that it is just what they change."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.http import Http404

from kpis.access import contracts as access
from kpis.actions import contracts as writing
from kpis.actions import effects, exclusions, recompute, results
from kpis.models import Exclusion, QueueDay
from kpis.models.sums import DirtyBucket
from kpis.queries import contracts, scores
from portal.accounts.choices import Role
from portal.accounts.queries import actor_for
from portal.accounts.rules import Actor
from portal.refusals import ConflictError, RefusedError
from tests.factories.partners import SiteFactory, actor, user
from tests.kpis.contract_world import MONTH, World, noon, stand_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    made = World()
    made.usual()
    return made


def propose(world: World, who: Actor | None = None, **more: Any) -> Exclusion:
    values = {
        "queue": None,
        "since": noon(10),
        "until": noon(10) + timedelta(hours=1),
        "reason": "outage",
        "note": "Down",
    }
    return exclusions.propose(actor=who or world.by_lead, site=world.site, **(values | more))


def approve(world: World, held: Exclusion, who: Actor | None = None) -> Exclusion:
    return exclusions.decide(actor=who or world.by_manager, pk=held.pk, verdict="approved")


def test_the_effect_is_what_the_approval_brings(world: World) -> None:
    held = propose(world)
    (before,) = effects.effect(held)
    assert before.now.score == scores([world.site.pk], MONTH)[world.site.pk].score
    assert (before.then.score or 0) > (before.now.score or 0)
    assert QueueDay.objects.filter(excluded=True).count() == 0
    approve(world, held)
    assert recompute() == 1
    assert scores([world.site.pk], MONTH)[world.site.pk] == before.then
    (after,) = effects.effect(Exclusion.objects.get())
    assert (after.now, after.then) == (before.now, before.then)
    assert (after.now_worth, after.then_worth) == (before.now_worth, before.then_worth)


def test_the_effect_of_a_queue_on_a_day_with_other_facts(world: World) -> None:
    world.contacts(noon(10) + timedelta(hours=3), 50, 40, 500)
    world.count()
    held = propose(world, queue=world.queue)
    (effect,) = effects.effect(held)
    level = effect.then.lines[0].reading
    assert (level.numerator, level.denominator) == (D(490), D(550))
    approve(world, held)
    recompute()
    assert scores([world.site.pk], MONTH)[world.site.pk] == effect.then


def test_an_interval_that_begins_the_day_before_is_touched(world: World) -> None:
    world.contacts(datetime(2026, 9, 19, 15, 30, tzinfo=UTC), 100, 0, 0, seconds=7200)
    world.count()
    held = propose(world, since=datetime(2026, 9, 19, 16, 30, tzinfo=UTC), until=datetime(2026, 9, 19, 17, tzinfo=UTC))
    (effect,) = effects.effect(held)
    assert effect.then.lines[0].reading.denominator == 600
    approve(world, held)
    assert DirtyBucket.objects.count() == 2
    recompute()
    assert scores([world.site.pk], MONTH)[world.site.pk] == effect.then


def test_an_approved_range_makes_a_revision(world: World) -> None:
    first = results.freeze(actor=world.by_manager, site=world.site, month=MONTH)
    held = propose(world)
    approve(world, held)
    recompute()
    made = results.revise(actor=world.by_manager, site=world.site, month=MONTH, reason="Outage of the 10th")
    assert (made.score or 0) > (first.score or 0)
    assert made.inputs["exclusions"] == [held.pk]


def test_the_side_that_proposed_does_not_decide(world: World) -> None:
    held = propose(world)
    with pytest.raises(RefusedError, match="own_side"):
        approve(world, held, world.by_lead)
    own = propose(world, world.by_manager)
    with pytest.raises(RefusedError, match="own_side"):
        approve(world, own, world.by_manager)
    assert approve(world, own, world.by_lead).state == "approved"


@pytest.mark.parametrize("both_ways", [True, False])
def test_a_stand_in_of_the_proposer_does_not_decide(world: World, both_ways: bool) -> None:
    held, other = propose(world), user(Role.MANAGER, partner=world.site.partner)
    if both_ways:
        stand_in(world.lead, other)
    else:
        stand_in(other, world.lead)
    with pytest.raises(RefusedError, match="own_"):
        approve(world, held, actor_for(other))


def test_declining_says_why_and_a_decision_stands(world: World) -> None:
    held = propose(world)
    with pytest.raises(RefusedError, match="answer_missing"):
        exclusions.decide(actor=world.by_manager, pk=held.pk, verdict="declined")
    exclusions.decide(actor=world.by_manager, pk=held.pk, verdict="declined", answer="Our tools were up")
    with pytest.raises(ConflictError):
        approve(world, held)
    with pytest.raises(ConflictError):
        exclusions.withdraw(actor=world.by_lead, pk=held.pk)
    assert not DirtyBucket.objects.exists()


def test_only_the_proposing_side_takes_it_back(world: World) -> None:
    held = propose(world)
    with pytest.raises(RefusedError, match="not_yours"):
        exclusions.withdraw(actor=world.by_manager, pk=held.pk)
    assert exclusions.withdraw(actor=world.by_lead, pk=held.pk).state == "withdrawn"


@pytest.mark.parametrize(
    ("since", "until", "code"),
    [
        (noon(10), noon(10), "range_order"),
        (noon(1, 8), noon(10), "range_long"),
        (datetime(2099, 1, 1, tzinfo=UTC), datetime(2099, 1, 2, tzinfo=UTC), "range_future"),
    ],
)
def test_ranges_that_are_refused(world: World, since: datetime, until: datetime, code: str) -> None:
    with pytest.raises(RefusedError, match=code):
        propose(world, since=since, until=until)


def test_others_neither_see_nor_decide(world: World) -> None:
    held = propose(world)
    for stranger in (actor(Role.PARTNER_LEAD, site=SiteFactory()), actor(Role.AGENT, site=world.site)):
        with pytest.raises(Http404):
            approve(world, held, stranger)
        with pytest.raises(Http404):
            propose(world, stranger)
    qa = actor(Role.PARTNER_QA, site=world.site)
    assert access.get_exclusion(qa, held.pk) == held
    with pytest.raises(PermissionDenied):
        approve(world, held, qa)
    with pytest.raises(PermissionDenied):
        approve(world, held, actor(Role.ADMINISTRATOR))


def test_the_database_refuses_approving_ones_own(world: World) -> None:
    held = propose(world)
    decided = "UPDATE kpis_exclusion SET state = 'approved', decided_at = now(), decided_by_id = {}, decided_for_id = {} WHERE id = {}"
    other = user(Role.MANAGER, partner=world.site.partner)
    twin = user(Role.MANAGER, partner=world.site.partner)
    world.lead.person, twin.person = None, world.lead.person
    world.lead.save()
    twin.save()
    for by, on_behalf in ((world.lead.pk, "NULL"), (other.pk, world.lead.pk)):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(decided.format(by, on_behalf, held.pk))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(decided.format(other.pk, "NULL", held.pk))
    with pytest.raises(IntegrityError), transaction.atomic():
        Exclusion.objects.filter(pk=held.pk).update(state="declined")


def test_another_target_is_tried_without_saving(world: World) -> None:
    card = contracts.card_of(world.schedule)
    lines = list(card.lines)
    lines[0].target = D("0.75")
    other = contracts.make_card(card.schedule, lines, card.schedule.bands.all())
    (month,) = effects.compare(world.site, [MONTH], effects.Other(change=lambda _card: other))
    assert month.then.lines[0].score == 100 + (D(460) / 600 - D("0.75")) / D("0.15") * 20
    assert month.now.score == scores([world.site.pk], MONTH)[world.site.pk].score
    world.schedule.refresh_from_db()
    assert writing.agreements.lines_of(world.schedule)[0].target == D("0.8")
