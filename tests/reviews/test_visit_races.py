"""Answers that arrive at the same moment, on connections of their own."""

import uuid

from portal.accounts.queries import actor_for
from portal.files.models import StoredFile
from reviews.actions.answering import take_change
from reviews.actions.visits import add_photo
from reviews.models import Answer, AnswerChange, Photo
from tests.databases import Database
from tests.factories.files import PNG, upload
from tests.reviews.visiting import World, begun
from tests.together import at_once


def test_the_same_change_at_once_counts_once_and_different_ones_conflict(fresh_database: Database) -> None:
    world = World()
    visit = begun(world)
    same, states = world.change("desks", score=1), []

    def send(change: object, actor: object) -> None:
        states.append(take_change(actor=actor, visit_id=visit.engagement_id, change=change).state)  # type: ignore[arg-type]

    assert at_once(*[lambda: send(same, world.by)] * 4) == ["done"] * 4
    assert (states, AnswerChange.objects.count(), Answer.objects.get().version) == (["taken"] * 4, 1, 1)
    states.clear()
    actors = world.by, actor_for(world.manager)
    at_once(*(lambda n=n: send(world.change("morale", score=n), actors[n % 2]) for n in range(4)))
    assert sorted(states) == ["conflict"] * 3 + ["taken"]
    question = world.question("desks").pk
    key = uuid.uuid4()
    at_once(
        *[
            lambda: add_photo(
                actor=world.by, visit_id=visit.engagement_id, question_id=question, key=key, upload=upload("a.png", PNG)
            )
        ]
        * 3
    )
    assert (Photo.objects.count(), StoredFile.objects.count()) == (1, 1)
