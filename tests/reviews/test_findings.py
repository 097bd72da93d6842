"""Observations become findings; best practices go to other sites, which answer them and are told no more than they may know."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.choices import Role
from portal.accounts.models import User
from reviews.models import Finding, Observation, Sharing, Theme
from tests.factories.accounts import MembershipFactory
from tests.factories.partners import SiteFactory
from tests.factories.reviews import EngagementFactory, FindingFactory
from tests.reviews.visiting import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    made = World()
    Theme.objects.create(code="tone", name="Tone", name_zh="语气")
    return made


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_an_observation_becomes_a_finding_of_its_site(world: World) -> None:
    client, theme = signed_in(world.coordinator), Theme.objects.get(code="tone")
    meeting = EngagementFactory.create(kind="shadowing", title="Shadowing", site=world.site)
    url = reverse("reviews:observations", args=[meeting.pk])
    assert client.post(url, {"theme": theme.pk, "text": "Calm", "quote": "Take your time"}).status_code == 302
    seen = Observation.objects.get()
    new = reverse("reviews:finding_new") + f"?observation={seen.pk}"
    assert "Take your time" in client.get(new).content.decode()
    client.post(new, {"kind": "top_issue", "title": "People are calm", "text": "Calm", "theme": theme.pk})
    made = Finding.objects.get()
    assert (made.site, made.observation, made.engagement, made.kind) == (world.site, seen, meeting, "top_issue")
    assert "People are calm" in client.get(url).content.decode()
    page = client.get(reverse("reviews:finding", args=[made.pk])).content.decode()
    assert f"?from=finding:{made.pk}" in page
    assert signed_in(world.lead).get(new).status_code == 200
    assert signed_in(world.lead).post(new, {"kind": "finding", "title": "x"}).status_code == 422


def test_the_list_is_narrowed_by_the_address(world: World) -> None:
    theme = Theme.objects.get(code="tone")
    for kind, title in (("finding", "Headsets"), ("practice", "Huddles"), ("top_issue", "Refunds")):
        FindingFactory.create(site=world.site, kind=kind, title=title, theme=theme if kind == "practice" else None)
    FindingFactory.create(title="Elsewhere")
    client = signed_in(world.lead)

    def titles(query: str) -> set[str]:
        return {one.title for one in client.get(reverse("reviews:findings") + query).context["page"].items}

    assert titles("") == {"Headsets", "Huddles", "Refunds"}
    assert titles("?kind=top_issue") == {"Refunds"}
    assert titles("?theme=tone") == {"Huddles"}
    assert titles(f"?site={world.site.code}&kind=practice&theme=tone") == {"Huddles"}
    assert titles("?kind=x") == titles("?site=nowhere") == set()


def test_a_practice_is_offered_answered_and_its_source_is_not_told(world: World) -> None:
    sister = SiteFactory.create(name="Mianyang", partner=world.site.partner)
    rival = SiteFactory.create(name="Manila")
    network = world.person("Nora Key", Role.MANAGER)
    for site in (sister, rival):
        world_member(network, site)
    made = FindingFactory.create(site=world.site, kind="practice", title="Huddles at noon", by=world.lead)
    client = signed_in(network)
    client.post(reverse("reviews:finding_share", args=[made.pk]), {"site": [sister.pk, rival.pk, world.site.pk, 999]})
    client.post(reverse("reviews:finding_share", args=[made.pk]), {"site": [rival.pk]})
    assert {one.site for one in Sharing.objects.all()} == {sister, rival}
    offered = Sharing.objects.get(site=rival)
    url = reverse("reviews:practice", args=[offered.pk])

    theirs = signed_in(world.person("Ana Cruz", Role.PARTNER_QA, rival))
    for page in (theirs.get(url), theirs.get(reverse("reviews:practices"))):
        text = page.content.decode()
        assert "Huddles at noon" in text
        assert "Chengdu" not in text
        assert "Liu Yang" not in text
    assert theirs.get(reverse("reviews:finding", args=[made.pk])).status_code == 404
    ours = signed_in(world.person("Su Min", Role.PARTNER_LEAD, sister))
    assert "Chengdu" in ours.get(reverse("reviews:practices")).content.decode()

    answer = {"version": 1, "adoption": "adapt", "why": "Twice a day", "result": ""}
    assert theirs.post(url, answer).status_code == 302
    assert theirs.post(url, answer | {"adoption": "adopt"}).status_code == 409
    theirs.post(url, answer | {"version": 2, "result": "Fewer repeats"})
    offered.refresh_from_db()
    assert (offered.adoption, offered.result, offered.answered_by and offered.answered_by.name) == (
        "adapt",
        "Fewer repeats",
        "Ana Cruz",
    )
    source = signed_in(world.lead).get(reverse("reviews:finding", args=[made.pk])).content.decode()
    assert "Fewer repeats" in source
    assert "Manila" not in source
    assert "Mianyang" in source


def world_member(user: User, site: Any) -> None:
    MembershipFactory.create(user=user, role=Role.MANAGER, site=site)
