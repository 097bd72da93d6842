"""A draft is commented on, acknowledged by both sides, published; everything else is refused in words."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from portal.accounts.choices import Role
from portal.audit.models import AuditEntry
from portal.refusals import RefusedError
from reviews.actions.packs import acknowledge, comment, publish, revise
from reviews.models import Acknowledgement, Comment, Pack, PackFile
from reviews.queries.content import final_hash
from reviews.wording import REFUSALS, refusal_text
from reviews.wording.life import BY_CONSTRAINT
from tests.factories.accounts import DelegationFactory, MembershipFactory, UserFactory
from tests.factories.partners import PersonFactory
from tests.factories.reviews import PackFactory, draft, published

from .pack_world import World, by, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> World:
    return World(formats=["pdf"])


def refused(act: Callable[[], object]) -> str:
    """Why it is not done, by a code that has words."""
    with pytest.raises(RefusedError) as caught:
        act()
    assert refusal_text(caught.value.code, caught.value.params)
    return caught.value.code


def commented(here: World) -> None:
    comment(actor=by(here.lead), pack_id=here.pack.pk, text="Two were ill.", line_id=here.line)


def acknowledged(here: World) -> None:
    for user in (here.lead, here.manager):
        acknowledge(actor=by(user), pack_id=here.pack.pk, seen=here.seen)


def test_from_draft_to_publication(here: World) -> None:
    commented(here)
    acknowledged(here)
    seen = here.seen
    pack = publish(actor=by(here.manager), pack_id=here.pack.pk, seen=seen)
    stored = here.fresh()
    assert (stored.state, stored.published_by, stored.content_hash) == ("published", here.manager, final_hash(stored))
    assert pack.content_hash == stored.content_hash != seen
    assert PackFile.objects.filter(pack=pack, final=True, of_hash=stored.content_hash).count() == 1
    verbs = list(
        AuditEntry.objects.filter(subject_type="pack", subject_id=pack.pk).order_by("pk").values_list("verb", flat=True)
    )
    assert verbs == ["pack.commented", "pack.acknowledged", "pack.acknowledged", "pack.published"]
    assert "ill" not in str(AuditEntry.objects.values_list("changes", flat=True))


def test_who_may_do_what(here: World) -> None:
    for user in (here.qa, member(Role.AUDITOR), member(Role.ADMINISTRATOR)):
        for act in (
            lambda actor: comment(actor=actor, pack_id=here.pack.pk, text="x"),
            lambda actor: acknowledge(actor=actor, pack_id=here.pack.pk, seen=here.seen),
            lambda actor: publish(actor=actor, pack_id=here.pack.pk, seen=here.seen),
            lambda actor: revise(actor=actor, pack_id=here.pack.pk, reason="x"),
        ):
            with pytest.raises(PermissionDenied):
                act(by(user))
    for user in (here.lead, here.coordinator):
        with pytest.raises(PermissionDenied):
            publish(actor=by(user), pack_id=here.pack.pk, seen=here.seen)
    for user in (here.stranger, member(Role.AGENT, site=here.site)):
        with pytest.raises(Http404):
            comment(actor=by(user), pack_id=here.pack.pk, text="x")
    assert not Comment.objects.exists()


def test_an_exception_without_comment_is_neither_acknowledged_nor_published(here: World) -> None:
    comment(actor=by(here.lead), pack_id=here.pack.pk, text="Of the whole.")
    assert (
        refused(lambda: acknowledge(actor=by(here.lead), pack_id=here.pack.pk, seen=here.seen)) == "pack_not_explained"
    )
    assert (
        refused(lambda: publish(actor=by(here.manager), pack_id=here.pack.pk, seen=here.seen)) == "pack_not_explained"
    )


def test_a_comment_voids_what_was_acknowledged(here: World) -> None:
    commented(here)
    acknowledged(here)
    old = here.seen
    comment(actor=by(here.coordinator), pack_id=here.pack.pk, text="And a storm.")
    assert refused(lambda: publish(actor=by(here.manager), pack_id=here.pack.pk, seen=old)) == "pack_has_changed"
    assert (
        refused(lambda: publish(actor=by(here.manager), pack_id=here.pack.pk, seen=here.seen))
        == "pack_not_acknowledged"
    )
    acknowledge(actor=by(here.lead), pack_id=here.pack.pk, seen=here.seen)
    assert (
        refused(lambda: publish(actor=by(here.manager), pack_id=here.pack.pk, seen=here.seen))
        == "pack_not_acknowledged"
    )
    acknowledge(actor=by(here.coordinator), pack_id=here.pack.pk, seen=here.seen)
    assert publish(actor=by(here.manager), pack_id=here.pack.pk, seen=here.seen).state == "published"


def test_each_side_acknowledges_once_what_it_has_seen(here: World) -> None:
    old = here.seen
    commented(here)
    assert refused(lambda: acknowledge(actor=by(here.lead), pack_id=here.pack.pk, seen=old)) == "pack_has_changed"
    acknowledge(actor=by(here.lead), pack_id=here.pack.pk, seen=here.seen)
    again = member(Role.PARTNER_LEAD, site=here.site)
    assert (
        refused(lambda: acknowledge(actor=by(again), pack_id=here.pack.pk, seen=here.seen))
        == "pack_acknowledged_already"
    )
    assert Acknowledgement.objects.count() == 1


@pytest.mark.parametrize("way", ["themselves", "for the same principal"])
def test_nobody_acknowledges_for_both_sides(here: World, way: str) -> None:
    commented(here)
    both = UserFactory.create(person=PersonFactory.create())
    MembershipFactory.create(user=both, role=Role.PARTNER_LEAD, site=here.site)
    acknowledge(actor=by(both), pack_id=here.pack.pk, seen=here.seen)
    MembershipFactory.create(user=both, role=Role.COORDINATOR, site=here.site)
    other = both
    if way != "themselves":
        other = UserFactory.create()
        DelegationFactory.create(principal=both, delegate=other)
    assert refused(lambda: acknowledge(actor=by(other), pack_id=here.pack.pk, seen=here.seen)) == "pack_same_person"


def test_a_stand_in_is_named_with_whom_they_stand_in_for(here: World) -> None:
    stand_in = UserFactory.create()
    DelegationFactory.create(principal=here.lead, delegate=stand_in)
    made = comment(actor=by(stand_in), pack_id=here.pack.pk, text="For Li.", line_id=here.line)
    assert (made.by, made.for_user, made.side) == (stand_in, here.lead, "partner")


def test_what_is_published_waits_or_is_superseded_takes_nothing(here: World) -> None:
    done, waiting = (
        published(site=here.site, first_day="2026-11-02", last_day="2026-11-08"),
        PackFactory.create(site=here.site, first_day="2026-10-26", last_day="2026-11-01"),
    )
    assert refused(lambda: comment(actor=by(here.manager), pack_id=done.pk, text="x")) == "pack_is_published"
    assert refused(lambda: comment(actor=by(here.manager), pack_id=waiting.pk, text="x")) == "pack_waits"
    assert refused(lambda: comment(actor=by(here.manager), pack_id=here.pack.pk, text=" ")) == "pack_no_comment"
    assert refused(lambda: revise(actor=by(here.manager), pack_id=waiting.pk, reason="x")) == "pack_waits"
    revise(actor=by(here.coordinator), pack_id=here.pack.pk, reason="Figures came late.")
    assert refused(lambda: comment(actor=by(here.manager), pack_id=here.pack.pk, text="x")) == "pack_superseded"
    assert refused(lambda: revise(actor=by(here.manager), pack_id=here.pack.pk, reason="x")) == "pack_superseded"


def test_a_revision_is_the_same_period_made_anew_for_a_reason() -> None:
    here = World()
    done = published(here.pack)
    assert refused(lambda: revise(actor=by(here.manager), pack_id=done.pk, reason="")) == "pack_no_reason"
    with pytest.raises(PermissionDenied):
        revise(actor=by(here.coordinator), pack_id=done.pk, reason="x")
    made = revise(actor=by(here.manager), pack_id=done.pk, reason="A day was missing.")
    assert (made.revision, made.state, made.reason, made.first_day, made.made_by) == (
        2, "waiting", "A day was missing.", done.first_day, here.manager,
    )  # fmt: skip
    assert Pack.objects.get(pk=done.pk).state == "published"


def test_the_company_alone_publishes_a_review_of_the_network() -> None:
    here = World()
    for site in (here.site, here.other):
        MembershipFactory.create(user=here.manager, role=Role.MANAGER, partner=site.partner, site=None)
    here.pack = draft(scope="network", site=None, needed=False)
    with pytest.raises(Http404):
        comment(actor=by(here.lead), pack_id=here.pack.pk, text="x")
    acknowledge(actor=by(here.manager), pack_id=here.pack.pk, seen=here.seen)
    assert publish(actor=by(here.manager), pack_id=here.pack.pk, seen=here.seen).state == "published"


def test_whatever_the_database_refuses_has_words() -> None:
    assert set(BY_CONSTRAINT.values()) <= set(REFUSALS)
