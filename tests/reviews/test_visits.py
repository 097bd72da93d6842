"""Visits: begun with a checklist, answered from browsers that come late or twice, sent in."""

import uuid
from decimal import Decimal as D

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.test import Client

from partners.models import Site
from portal.accounts.choices import Role
from portal.accounts.queries import actor_for
from portal.files.models import StoredFile
from portal.refusals import RefusedError
from reviews.actions.answering import take_change
from reviews.actions.visits import add_photo, begin_visit, finish_visit, remove_photo
from reviews.models import Answer, AnswerChange, Photo, Visit
from reviews.queries.visits import came_too_late, sheet_of
from tests.factories.files import PNG, upload
from tests.factories.partners import SiteFactory
from tests.factories.reviews import ChecklistSectionFactory, ChecklistVersionFactory, QuestionFactory
from tests.reviews.visiting import World, begun

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def visit(world: World) -> Visit:
    return begun(world)


def test_a_visit_begins_once_and_keeps_its_version(world: World) -> None:
    engagement = world.planned()
    first = begin_visit(actor=world.by, visit_id=engagement.pk, version_id=world.version.pk)
    again = begin_visit(actor=actor_for(world.manager), visit_id=engagement.pk, version_id=world.version.pk)
    engagement.refresh_from_db()
    assert (first.pk, engagement.state, first.checklist_version_id) == (again.pk, "running", world.version.pk)
    with pytest.raises(PermissionDenied):
        begin_visit(actor=actor_for(world.lead), visit_id=engagement.pk, version_id=world.version.pk)
    elsewhere: Site = SiteFactory.create()
    stranger = world.person("Other", Role.COORDINATOR, elsewhere)
    with pytest.raises(Http404):
        begin_visit(actor=actor_for(stranger), visit_id=engagement.pk, version_id=world.version.pk)


def test_a_change_counts_once_however_often_it_comes(world: World, visit: Visit) -> None:
    change = world.change("desks", score=1, note="Clear")
    outcomes = [take_change(actor=world.by, visit_id=visit.engagement_id, change=change) for _at in range(3)]
    assert {(one.state, one.version) for one in outcomes} == {("taken", 1)}
    answer = Answer.objects.get()
    assert (answer.score, answer.note, answer.by, AnswerChange.objects.count()) == (1, "Clear", world.coordinator, 1)


def test_a_change_that_comes_again_after_a_later_one_changes_nothing(world: World, visit: Visit) -> None:
    first = world.change("desks", score=1)
    take_change(actor=world.by, visit_id=visit.engagement_id, change=first)
    take_change(actor=world.by, visit_id=visit.engagement_id, change=world.change("desks", base=1, score=0))
    again = take_change(actor=world.by, visit_id=visit.engagement_id, change=first)
    assert (again.state, again.version, Answer.objects.get().score) == ("taken", 2, 0)


def test_two_who_answer_differently_see_it_and_neither_is_lost(world: World, visit: Visit) -> None:
    take_change(actor=world.by, visit_id=visit.engagement_id, change=world.change("desks", score=1))
    mine = world.change("desks", score=0)
    found = take_change(actor=actor_for(world.manager), visit_id=visit.engagement_id, change=mine)
    assert (found.state, found.version, found.answer and found.answer.by) == ("conflict", 1, world.coordinator)
    kept = AnswerChange.objects.get(pk=mine.key)
    assert (kept.taken, kept.values["score"], Answer.objects.get().score) == (False, 0, 1)
    again = take_change(actor=actor_for(world.manager), visit_id=visit.engagement_id, change=mine)
    assert again.state == "conflict"
    insisted = world.change("desks", base=1, score=0)
    assert take_change(actor=actor_for(world.manager), visit_id=visit.engagement_id, change=insisted).state == "taken"
    assert Answer.objects.get().score == 0


def test_an_answer_and_a_note_from_two_places_come_together(world: World, visit: Visit) -> None:
    take_change(actor=world.by, visit_id=visit.engagement_id, change=world.change("desks", score=1, note="Clear"))
    take_change(
        actor=world.by, visit_id=visit.engagement_id, change=world.change("desks", base=1, score=0, note="Clear")
    )
    late = world.change("desks", base=1, score=1, note="Clear, but one")
    assert take_change(actor=actor_for(world.manager), visit_id=visit.engagement_id, change=late).state == "taken"
    answer = Answer.objects.get()
    assert (answer.score, answer.note, answer.version) == (0, "Clear, but one", 3)


def test_what_comes_after_sending_in_is_kept_beside_it(world: World, visit: Visit) -> None:
    finish_visit(actor=world.by, visit_id=visit.engagement_id)
    late = take_change(actor=world.by, visit_id=visit.engagement_id, change=world.change("desks", score=1))
    visit.refresh_from_db()
    assert (late.state, Answer.objects.count(), came_too_late(visit).count()) == ("late", 0, 1)
    assert visit.engagement.state == "held"


def test_what_cannot_be_answered_is_refused(world: World, visit: Visit) -> None:
    with pytest.raises(RefusedError, match="answer_out_of_range"):
        take_change(actor=world.by, visit_id=visit.engagement_id, change=world.change("morale", score=9))
    change = world.change("desks", score=1)
    take_change(actor=world.by, visit_id=visit.engagement_id, change=change)
    with pytest.raises(RefusedError, match="change_of_another"):
        take_change(actor=world.by, visit_id=visit.engagement_id, change=world.change("exits", key=change.key, score=1))
    assert AnswerChange.objects.count() == 1


def test_sections_are_compared_with_the_last_finished_visit(world: World, visit: Visit) -> None:
    def answer(code: str, **given: object) -> None:
        take_change(actor=world.by, visit_id=visit.engagement_id, change=world.change(code, **given))

    answer("desks", score=1)
    answer("exits", score=0)
    answer("morale", score=3)
    finish_visit(actor=world.by, visit_id=visit.engagement_id)
    visit = begun(world)
    answer("desks", score=1)
    answer("exits", not_applicable=True)
    sheet = sheet_of(visit)
    floor, team = (part.score for part in sheet.parts)
    assert (floor.percent, floor.before, floor.change, floor.answered) == (D("100.0"), D("50.0"), D("50.0"), 2)
    assert (team.percent, team.before, team.change) == (None, D("75.0"), None)
    # 1 of 1 now; 1 + 2 x 3 of 2 + 2 x 4 then.
    assert (sheet.percent, sheet.before) == (D("100.0"), D("70.0"))


def test_photos_are_kept_once_and_only_pictures(world: World, visit: Visit) -> None:
    key, question = uuid.uuid4(), world.question("desks").pk

    def add(name: str, content: bytes, key: uuid.UUID = key) -> Photo:
        return add_photo(
            actor=world.by, visit_id=visit.engagement_id, question_id=question, key=key, upload=upload(name, content)
        )

    assert add("desk.png", PNG).pk == add("desk.png", PNG).pk
    assert (Photo.objects.count(), StoredFile.objects.count()) == (1, 1)
    for name, content, code in (
        ("big.png", PNG + b"\0" * (30 * 1024 * 1024), "size"),
        ("desk.jpg", PNG, "type"),
        ("desk.png", b"%PDF-1.7\n", "type"),
        ("desk.png", b"", "empty"),
    ):
        with pytest.raises(ValidationError) as refused:
            add(name, content, uuid.uuid4())
        assert refused.value.code == code
    remove_photo(actor=world.by, visit_id=visit.engagement_id, key=key)
    assert all(not item.photos for part in sheet_of(visit).parts for item in part.items)


def test_an_edited_checklist_changes_nothing_for_a_visit_under_way(world: World, visit: Visit, client: Client) -> None:
    client.force_login(world.coordinator)
    newer = ChecklistVersionFactory.create(checklist=world.version.checklist, number=2)
    QuestionFactory.create(section=ChecklistSectionFactory.create(version=newer, code="new"))
    newer.released_at = visit.begun_at
    newer.save()
    assert [part.section.code for part in sheet_of(visit).parts] == ["floor", "team"]
    page = client.get(f"/reviews/visits/{visit.engagement_id}/").content.decode()
    assert "This visit goes on with version 1, and what was answered stays." in page
    with pytest.raises(RefusedError, match="checklist_not_in_use"):
        begin_visit(actor=world.by, visit_id=world.planned().pk, version_id=world.version.pk)
