"""The report of a visit is the company's while it is under way, and the partner's once it was sent in."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from portal.accounts.choices import Role
from portal.accounts.models import User
from reviews.actions.answering import take_change
from reviews.actions.visits import add_photo, finish_visit
from reviews.models import Answer, Visit
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.files import PNG
from tests.reviews.visiting import World, begun

pytestmark = pytest.mark.django_db
SAID = "Two desks are not clear"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def visit(world: World) -> Visit:
    """With an answer, a note and a photo."""
    made = begun(world)
    change = world.change("desks", score=0, note=SAID)
    take_change(actor=world.by, visit_id=made.engagement_id, change=change)
    upload = SimpleUploadedFile("desk.png", PNG, "image/png")
    add_photo(
        actor=world.by, visit_id=made.engagement_id, question_id=change.question_id, key=change.key, upload=upload
    )
    return made


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def addresses(visit: Visit) -> list[str]:
    """Of the report, as page and PDF, of its photo and of a finding out of an answer."""
    pk = visit.engagement_id
    return [
        reverse("reviews:visit_report", args=[pk]), reverse("reviews:visit_pdf", args=[pk]),
        reverse("files:file", args=[visit.photos.get().file_id]), f"{reverse('reviews:finding_new')}?answer={Answer.objects.get().pk}",
    ]  # fmt: skip


def statuses(client: Client, urls: list[str]) -> list[int]:
    """What the browser gets; a file is read to its end."""
    answers = [client.get(url) for url in urls]
    assert all(one.getvalue() for one in answers)
    return [one.status_code for one in answers]


@pytest.mark.parametrize("who", ["lead", "qa"])
def test_the_partner_reads_it_once_it_was_sent_in(world: World, visit: Visit, who: str) -> None:
    client = browser(getattr(world, who))
    page = reverse("reviews:visit", args=[visit.engagement_id])
    assert statuses(client, addresses(visit)) == [404] * 4
    shown = client.get(page, follow=True).content.decode()
    assert "The report is here once the visit was sent in." in shown
    assert "Under way" in shown
    assert SAID not in shown
    finish_visit(actor=world.by, visit_id=visit.engagement_id)
    assert statuses(client, addresses(visit)) == [200] * 4
    assert SAID in client.get(page, follow=True).content.decode()


def test_the_company_reads_it_under_way_too(world: World, visit: Visit) -> None:
    auditor = UserFactory.create()
    MembershipFactory.create(user=auditor, role=Role.AUDITOR, site=None)
    for user in (world.coordinator, world.manager, auditor):
        assert SAID in browser(user).get(reverse("reviews:visit_report", args=[visit.engagement_id])).content.decode()


def test_a_lower_score_has_a_minus_and_names_a_comma_of_the_readers_language(world: World, visit: Visit) -> None:
    Answer.objects.filter(visit=visit).update(score=1)
    finish_visit(actor=world.by, visit_id=visit.engagement_id)
    later = begun(world)
    take_change(actor=world.by, visit_id=later.engagement_id, change=world.change("desks", score=0))
    finish_visit(actor=world.by, visit_id=later.engagement_id)
    user = world.coordinator
    page = reverse("reviews:visit_report", args=[later.engagement_id])
    assert re.search(r"<td[^>]*>−100.0\s*</td>", browser(user).get(page).content.decode())
    user.language = "zh-hans"
    user.save()
    text = browser(user).get(page).content.decode()
    assert f"{user.name}，<time" in text
    assert f"{user.name}, " not in text
