"""Lists of visits, findings, observations and practices take as many queries for thirty rows as for two."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.accounts.choices import Role
from portal.accounts.models import User
from reviews.models import Engagement, Finding, Observation, Sharing, Theme
from tests.factories.partners import SiteFactory, user
from tests.factories.reviews import EngagementFactory, FindingFactory, VisitFactory
from tests.reviews.visiting import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def queries(user: User, url: str) -> int:
    """Of a second look at the page: sessions and caches are warm."""
    client = browser(user)
    client.get(url)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


def same_for_many(user: User, url: str, one_more: Callable[[], object], shown: Callable[[str], int]) -> None:
    """Two rows, then thirty."""
    for _at in range(2):
        one_more()
    few = queries(user, url)
    for _at in range(28):
        one_more()
    assert shown(browser(user).get(url).content.decode()) == 30
    assert queries(user, url) == few


@pytest.mark.parametrize("who", ["coordinator", "lead"])
def test_visits(world: World, who: str) -> None:
    def one_more() -> None:
        VisitFactory.create(engagement=world.planned(), checklist_version=world.version, begun_at=timezone.now())

    same_for_many(getattr(world, who), reverse("reviews:visits"), one_more, lambda text: text.count('id="visit-'))


@pytest.mark.parametrize("who", ["coordinator", "lead"])
def test_findings(world: World, who: str) -> None:
    theme = Theme.objects.create(code="tone", name="Tone")

    def one_more() -> Finding:
        return FindingFactory.create(site=world.site, theme=theme)

    same_for_many(getattr(world, who), reverse("reviews:findings"), one_more, lambda text: text.count('id="finding-'))


@pytest.mark.parametrize("who", ["coordinator", "lead"])
def test_observations(world: World, who: str) -> None:
    meeting: Engagement = EngagementFactory.create(kind="shadowing", site=world.site)
    theme = Theme.objects.create(code="tone", name="Tone")

    def one_more() -> None:
        seen = Observation.objects.create(engagement=meeting, theme=theme, text="Calm", by=world.coordinator)
        FindingFactory.create(site=world.site, observation=seen, engagement=meeting)

    url = reverse("reviews:observations", args=[meeting.pk])
    same_for_many(getattr(world, who), url, one_more, lambda text: text.count('id="o-'))


@pytest.mark.parametrize("who", ["coordinator", "lead"])
def test_practices_of_many_partners(world: World, who: str) -> None:
    def one_more() -> Sharing:
        found = FindingFactory.create(site=SiteFactory.create(), kind="practice")
        return Sharing.objects.create(finding=found, site=world.site, shared_by=world.manager)

    same_for_many(getattr(world, who), reverse("reviews:practices"), one_more, lambda text: text.count('id="practice-'))


def test_a_practice_that_many_sites_were_offered(world: World) -> None:
    found = FindingFactory.create(site=world.site, kind="practice")
    auditor = user(Role.AUDITOR)

    def one_more() -> Sharing:
        return Sharing.objects.create(finding=found, site=SiteFactory.create(), shared_by=world.manager)

    url = reverse("reviews:finding", args=[found.pk])
    same_for_many(world.lead, url, one_more, lambda text: text.count("A site of the network"))
    assert "A site of the network" not in browser(auditor).get(url).content.decode()
