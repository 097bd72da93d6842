"""Two who publish, and a comment that comes while somebody publishes: one after another, and never a pack that nobody has read."""

import pytest

from portal.notifications.models import OutboxRow
from reviews.actions.packs import acknowledge, comment, publish, revise
from reviews.models import Acknowledgement, Comment, Pack, PackFile
from reviews.queries.content import final_hash
from tests.databases import Database
from tests.reviews.pack_world import World, by
from tests.together import at_once

pytestmark = pytest.mark.processes


@pytest.fixture
def here(fresh_database: Database) -> World:
    """A draft that both sides have acknowledged."""
    made = World(formats=["pdf", "xlsx"])
    comment(actor=by(made.lead), pack_id=made.pack.pk, text="Two were ill.", line_id=made.line)
    for user in (made.lead, made.coordinator):
        acknowledge(actor=by(user), pack_id=made.pack.pk, seen=made.seen)
    return made


def test_two_publish_at_once(here: World) -> None:
    actor, seen = by(here.manager), here.seen
    said = at_once(*[lambda: publish(actor=actor, pack_id=here.pack.pk, seen=seen)] * 4)
    assert sorted(said) == ["RefusedError"] * 3 + ["done"]
    pack = here.fresh()
    assert pack.content_hash == final_hash(pack)
    assert PackFile.objects.filter(pack=pack, final=True).count() == 2
    assert OutboxRow.objects.filter(payload__what="published").count() == 1


@pytest.mark.parametrize("_round", range(5))
def test_a_comment_while_somebody_publishes(here: World, _round: int) -> None:
    actor, lead, seen = by(here.manager), by(here.lead), here.seen
    published, commented = at_once(
        lambda: publish(actor=actor, pack_id=here.pack.pk, seen=seen),
        lambda: comment(actor=lead, pack_id=here.pack.pk, text="And one more."),
    )
    assert {published, commented} == {"done", "RefusedError"}
    pack = here.fresh()
    assert pack.state == ("published" if published == "done" else "draft")
    assert Comment.objects.count() == (1 if published == "done" else 2)
    assert pack.content_hash == (final_hash(pack) if published == "done" else "")


def test_two_of_a_side_acknowledge_and_two_revise_at_once(here: World) -> None:
    comment(actor=by(here.lead), pack_id=here.pack.pk, text="And one more.")
    manager, coordinator, seen = by(here.manager), by(here.coordinator), here.seen
    said = at_once(*[
        lambda actor=one: acknowledge(actor=actor, pack_id=here.pack.pk, seen=seen) for one in (manager, coordinator)
    ])  # fmt: skip
    assert sorted(said) == ["RefusedError", "done"]
    assert Acknowledgement.objects.filter(content_hash=seen).count() == 1
    said = at_once(*[lambda: revise(actor=manager, pack_id=here.pack.pk, reason="A day was missing.")] * 3)
    assert sorted(said) == ["RefusedError", "RefusedError", "done"]
    assert list(Pack.objects.order_by("revision").values_list("revision", flat=True)) == [1, 2]
