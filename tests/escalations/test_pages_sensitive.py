"""Restricted cases: grants, breaking the glass, reviewing it."""

import re

import pytest
from django.urls import reverse

from escalations import actions
from escalations.models import Case, CaseGrant
from portal.accounts.rules import SYSTEM
from tests.escalations.pages_world import World, world

pytestmark = pytest.mark.django_db
GLASS, REVIEWS = "/break-glass/", "/break-glass/reviews/"


@pytest.fixture
def here() -> World:
    return world()


@pytest.fixture
def secret(here: World) -> Case:
    case = here.case("Safety incident at listing")
    actions.set_sensitivity(actor=SYSTEM, ref=case.pk, sensitivity="restricted")
    return case


def test_the_lead_grants_without_seeing(here: World, secret: Case) -> None:
    lead, associate = here.client("service_lead"), here.client("associate")
    stubs = lead.get(reverse("escalations:restricted")).content.decode()
    assert secret.ref in stubs
    assert "Safety incident" not in stubs
    assert lead.get(f"/cases/{secret.ref}/").status_code == 404
    access = reverse("escalations:case-grants", args=[secret.ref])
    form = lead.get(access).content.decode()
    assert "Safety incident" not in form
    assert ">Associate</option>" in form
    assert ">Service Lead</option>" not in form
    assert associate.get(f"/cases/{secret.ref}/").status_code == 404
    said = {"do": "grant", "user": here.users["associate"].pk, "reason": "Named contact"}
    assert "Access granted" in lead.post(access, said, follow=True).content.decode()
    opened = associate.get(f"/cases/{secret.ref}/").content.decode()
    assert "Safety incident" in opened
    assert "Who may see this case" in opened
    again = lead.post(access, said)
    assert again.status_code == 422
    assert "This person has access already." in again.content.decode()
    grant = CaseGrant.objects.get()
    assert "Access ended" in lead.post(access, {"do": "revoke", "grant": grant.pk}, follow=True).content.decode()
    assert associate.get(f"/cases/{secret.ref}/").status_code == 404


def test_breaking_the_glass_opens_for_an_hour_and_is_reviewed(here: World, secret: Case) -> None:
    coordinator, lead = here.client("coordinator"), here.client("service_lead")
    short = coordinator.post(GLASS, {"ref": secret.ref, "reason": "urgent"})
    assert short.status_code == 422
    assert re.search(r'id="id_reason_error"', short.content.decode())
    assert coordinator.get(f"/cases/{secret.ref}/").status_code == 404
    opened = coordinator.post(GLASS, {"ref": secret.ref, "reason": "Police on the phone"}, follow=True).content.decode()
    assert "Safety incident at listing" in opened
    assert "Open to you for 60 minutes" in opened
    page = lead.get(REVIEWS).content.decode()
    for part in ("1 to review", secret.ref, "Coordinator", "Police on the phone", "Was needed"):
        assert part in page
    assert "Safety incident" not in page
    grant = CaseGrant.objects.get()
    said = lead.post(reverse("escalations:break-glass-review", args=[grant.pk]), {"upheld": "0"}, follow=True)
    assert "Was not needed" in said.content.decode()
    assert "0 to review" in said.content.decode()
    assert coordinator.get(f"/cases/{secret.ref}/").status_code == 404


def test_breaking_the_glass_finds_restricted_cases_in_scope_only(here: World, secret: Case) -> None:
    plain = here.case("Plain")
    words = "There is no restricted case of this number that you could open."
    for who, ref in (
        ("coordinator", plain.ref),
        ("coordinator", "EC-999999"),
        ("coordinator", "what"),
        ("other_associate", secret.ref),
    ):
        answer = here.client(who).post(GLASS, {"ref": ref, "reason": "Police on the phone"})
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert not CaseGrant.objects.exists()


def test_nobody_reviews_their_own(here: World, secret: Case) -> None:
    lead = here.client("service_lead")
    lead.post(GLASS, {"ref": secret.ref, "reason": "Police on the phone"})
    page = lead.get(REVIEWS).content.decode()
    assert "Another lead reviews this" in page
    assert "Was needed</button>" not in page
    grant = CaseGrant.objects.get()
    said = lead.post(
        reverse("escalations:break-glass-review", args=[grant.pk]), {"upheld": "1"}, follow=True
    ).content.decode()
    assert "Nobody decides for themselves" in said
    grant.refresh_from_db()
    assert grant.reviewed_at is None


@pytest.mark.parametrize("who", ["lead", "qa", "agent", "it", "auditor", "administrator"])
def test_others_have_no_such_pages(here: World, secret: Case, who: str) -> None:
    client = here.client(who)
    assert client.get(GLASS).status_code == 404
    assert client.post(GLASS, {"ref": secret.ref, "reason": "Police on the phone"}).status_code == 404
    for name in ("restricted", "break-glass-reviews"):
        assert client.get(reverse(f"escalations:{name}")).status_code == 404
    assert client.get(reverse("escalations:case-grants", args=[secret.ref])).status_code == 404


def test_only_the_services_own_lead(here: World, secret: Case) -> None:
    for who in ("coordinator", "manager", "associate", "other_associate"):
        client = here.client(who)
        assert client.get(reverse("escalations:restricted")).status_code == 404
        assert client.post(reverse("escalations:case-grants", args=[secret.ref]), {"do": "grant"}).status_code == 404
