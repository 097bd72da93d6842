"""Both sides look at the same before one of them decides: the effect on score and money, and the evidence. Nobody else does."""

from decimal import Decimal as D

import pytest
from django.test import Client
from django.urls import reverse

from kpis.actions import exclusions, recompute, results
from kpis.models import Exclusion, Result
from portal.accounts.choices import Role
from portal.files.models import StoredFile
from tests.factories.files import PDF, PNG, upload
from tests.factories.partners import SiteFactory, signed_in
from tests.kpis.contract_world import MONTH, World
from tests.kpis.test_contract_pages import client, post, text
from tests.kpis.test_exclusions import propose

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    made = World()
    made.usual()
    results.set_invoice(actor=made.by_manager, site=made.site, month=MONTH, amount=D(1000), currency="EUR")
    return made


@pytest.mark.parametrize("by_lead", [True, False])
def test_both_see_score_and_money_with_and_without_it(world: World, by_lead: bool) -> None:
    held = propose(world, world.by_lead if by_lead else world.by_manager)
    pages = [text(client(who), f"/exclusions/{held.pk}/") for who in (world.lead, world.manager)]
    for page in pages:
        effect = page.split('id="effect-h"')[1].split("</section>")[0]
        assert "What it would change" in effect
        assert "77.78 → <b>112.00</b>" in effect
        assert "−8.00% · −80.00 EUR → <b>3.00% · 30.00 EUR</b>" in effect
        assert "600 → 500" in effect
    proposer, decider = pages if by_lead else reversed(pages)
    assert ("Approve" in decider, "Approve</button>" in proposer) == (True, False)
    decided = exclusions.decide(actor=world.by_manager if by_lead else world.by_lead, pk=held.pk, verdict="approved")
    recompute()
    for who in (world.lead, world.manager):
        assert "77.78 → <b>112.00</b>" in text(client(who), f"/exclusions/{decided.pk}/")


def test_evidence_is_for_both_sides_and_nobody_else(world: World) -> None:
    lead, manager = client(world.lead), client(world.manager)
    held = propose(world)
    post(lead, f"/exclusions/{held.pk}/evidence/", evidence=upload("outage.pdf", PDF))
    post(manager, f"/exclusions/{held.pk}/evidence/", evidence=upload("our-logs.png", PNG))
    files = {one.name: reverse("files:file", args=[one.pk]) for one in StoredFile.objects.filter(owner_id=str(held.pk))}
    assert set(files) == {"outage.pdf", "our-logs.png"}
    for browser in (lead, manager):
        shown = text(browser, f"/exclusions/{held.pk}/")
        for name, url in files.items():
            assert name in shown
            assert url in shown
            assert _got(browser, url)
    strangers = [
        signed_in(Role.PARTNER_LEAD, site=SiteFactory(partner=world.site.partner)), signed_in(Role.MANAGER, site=SiteFactory()),
        signed_in(Role.AGENT, site=world.site), signed_in(Role.IT),
    ]  # fmt: skip
    for stranger in strangers:
        assert [stranger.get(url).status_code for url in files.values()] == [404, 404]
        post(stranger, f"/exclusions/{held.pk}/evidence/", 404, evidence=upload("x.pdf", PDF))
    assert "This field is required" in post(lead, f"/exclusions/{held.pk}/evidence/", 422)
    exclusions.decide(actor=world.by_manager, pk=held.pk, verdict="approved")
    post(lead, f"/exclusions/{held.pk}/evidence/", 409, evidence=upload("late.pdf", PDF))
    assert StoredFile.objects.filter(owner_id=str(held.pk)).count() == 2
    assert all(_got(browser, url) for browser in (lead, manager) for url in files.values())


def _got(browser: Client, url: str) -> bool:
    response = browser.get(url)
    return response.status_code == 200 and b"".join(response.streaming_content) in {PDF, PNG}


def test_a_revision_shows_what_changed_and_why(world: World) -> None:
    manager, page = client(world.manager), f"/results/{world.site.code}/2026-09/"
    post(manager, page + "freeze/")
    held = propose(world)
    exclusions.decide(actor=world.by_manager, pk=held.pk, verdict="approved")
    recompute()
    post(manager, page + "revise/", reason="Outage of the 10th")
    assert list(Result.objects.order_by("revision").values_list("revision", flat=True)) == [1, 2]
    assert Exclusion.objects.get().state == "approved"
    for browser in (manager, client(world.lead)):
        part = text(browser, page).split("Revision 2 against 1")[1]
        assert "Outage of the 10th" in part
        assert "77.78 → <b>112.00</b>" in part
        assert "-8.00 → <b>3.00</b>" in part
        for value in ("76.7%", "90.0%", "600 →", "500"):
            assert value in part
