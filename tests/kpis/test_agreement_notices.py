"""The other side hears of disputed ranges, results and statements: once each, whoever may act there, with the way to it."""

from decimal import Decimal as D
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from kpis.actions import exclusions, recompute, results, statements
from kpis.models import Exclusion, Statement
from portal.accounts.choices import Role
from portal.accounts.models import Membership, User
from portal.accounts.queries import actor_for
from portal.notifications.delivery.fanout import fan_out_batch
from portal.notifications.delivery.sender import send_batch
from portal.notifications.models import Notification, OutboxRow
from tests.factories.partners import SiteFactory, user
from tests.kpis.contract_world import MONTH, World, stand_in
from tests.kpis.test_exclusions import approve, propose

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """Bystanders on both sides and elsewhere hear nothing that does not concern them."""
    made = World()
    made.site.name, made.site.name_zh = "Cebu", "宿务"
    made.site.save()
    made.usual()
    user(Role.PARTNER_QA, site=made.site)
    user(Role.COORDINATOR, site=made.site)
    user(Role.AUDITOR)
    user(Role.PARTNER_LEAD, site=SiteFactory(partner=made.site.partner))
    user(Role.MANAGER, partner=SiteFactory().partner)
    user(Role.AGENT, site=made.site)
    return made


def heard() -> dict[str, list[str]]:
    """What everybody was told since the last time, by address, in their language; each line leads to a page."""
    while fan_out_batch():
        pass
    OutboxRow.objects.filter(state="pending").update(not_before=timezone.now(), next_attempt_at=timezone.now())
    send_batch()
    found: dict[str, list[str]] = {}
    for one in Notification.objects.select_related("recipient").order_by("pk"):
        page = _inbox(one.recipient)
        assert one.url.startswith("/performance/")
        assert one.url in page or f"/{one.pk}/" in page
        found.setdefault(one.recipient.email, []).append(f"{one.params.get('what')} {one.url}")
    mailed = {message.to[0] for message in mail.outbox}
    assert mailed == set(found)
    mail.outbox.clear()
    Notification.objects.all().delete()
    return found


def _inbox(who: User) -> str:
    browser = Client()
    browser.force_login(who)
    return browser.get("/inbox/").content.decode()


def test_each_step_of_a_dispute_reaches_the_other_side_once(world: World) -> None:
    lead, manager = world.lead.email, world.manager.email
    held = propose(world)
    url = f"/performance/exclusions/{held.pk}/"
    assert heard() == {manager: [f"proposed {url}"]}
    approve(world, held)
    assert heard() == {lead: [f"approved {url}"]}
    own = propose(world, world.by_manager)
    assert heard() == {lead: [f"proposed /performance/exclusions/{own.pk}/"]}
    exclusions.withdraw(actor=world.by_manager, pk=own.pk)
    assert heard() == {lead: [f"withdrawn /performance/exclusions/{own.pk}/"]}
    third = propose(world)
    exclusions.decide(actor=world.by_manager, pk=third.pk, verdict="declined", answer="No")
    assert heard() == {lead: [f"declined /performance/exclusions/{third.pk}/"]}, (
        "what was decided meanwhile waits no more"
    )
    assert heard() == {}


def sign(world: World, who: Any) -> None:
    held = Statement.objects.latest("pk")
    statements.sign(actor=who, site=world.site, month=MONTH, seen=statements.stamp(held))


def test_results_and_statements_reach_the_other_side(world: World) -> None:
    lead, manager, url = world.lead.email, world.manager.email, f"/performance/results/{world.site.code}/2026-09/"
    results.freeze(actor=world.by_manager, site=world.site, month=MONTH)
    results.freeze(actor=world.by_manager, site=world.site, month=MONTH)
    assert heard() == {lead: [f"frozen {url}"]}
    invoice = {"actor": world.by_manager, "site": world.site, "month": MONTH, "currency": "EUR"}
    results.set_invoice(amount=D(1000), **invoice)
    results.set_invoice(amount=D(1000), **invoice)
    assert heard() == {lead: [f"drafted {url}"]}
    results.set_invoice(amount=D(2000), **invoice)
    assert heard() == {lead: [f"changed {url}"]}
    sign(world, world.by_lead)
    assert heard() == {manager: [f"signed {url}"]}
    sign(world, world.by_manager)
    assert heard() == {lead: [f"both {url}"]}
    approve(world, propose(world))
    recompute()
    results.revise(actor=world.by_manager, site=world.site, month=MONTH, reason="Outage")
    kept = heard()
    assert set(kept[lead]) == {
        f"revised {url}",
        f"drafted {url}",
        f"approved /performance/exclusions/{Exclusion.objects.get().pk}/",
    }


def test_stand_ins_hear_what_waits_and_who_left_does_not(world: World) -> None:
    other, gone = user(Role.COORDINATOR, site=SiteFactory()), user(Role.MANAGER, site=world.site)
    second = user(Role.MANAGER, site=world.site)
    stand_in(world.manager, other)
    Membership.objects.filter(user=gone).update(ended_at=timezone.now())
    held = propose(world)
    assert set(heard()) == {world.manager.email, other.email, second.email}
    approve(world, held, actor_for(other))
    assert set(heard()) == {world.lead.email}


def test_the_words_are_the_readers(world: World) -> None:
    world.manager.language = "zh-hans"
    world.manager.save()
    propose(world)
    results.freeze(actor=world.by_manager, site=world.site, month=MONTH)
    while fan_out_batch():
        pass
    assert "宿务" in _inbox(world.manager)
    assert "Cebu: the result of September 2026 is frozen" in _inbox(world.lead)
    OutboxRow.objects.filter(state="pending").update(not_before=timezone.now(), next_attempt_at=timezone.now())
    send_batch()
    sent = {message.to[0]: str(message.body) for message in mail.outbox}
    assert "宿务" in sent[world.manager.email]
    assert "Cebu: the result of September 2026 is frozen" in sent[world.lead.email]
    assert (
        f"/performance/results/{world.site.code}/2026-09/" in sent[world.lead.email]
        or "/inbox/" in sent[world.lead.email]
    )


def test_who_loses_the_site_reads_no_more_of_it(world: World) -> None:
    propose(world)
    fan_out_batch()
    Membership.objects.filter(user=world.manager).update(ended_at=timezone.now())
    Membership.objects.create(user=world.manager, role=Role.MANAGER, site=SiteFactory())
    assert "Cebu" not in _inbox(world.manager)
