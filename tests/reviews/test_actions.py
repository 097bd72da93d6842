"""Actions are raised, changed, taken on, done, verified, sent back, dropped; everybody concerned hears of it."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404

from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.files.queries import files_of
from portal.notifications.models import Notification
from portal.refusals import ConflictError, RefusedError
from reviews.actions import actions as acts
from reviews.choices import ActionState, Side
from reviews.queries.actions import DUE, FILE_OWNER, KIND
from sla import queries as clocks
from tests.escalations.pages_world import World, world
from tests.factories.partners import PersonFactory
from tests.reviews.action_world import done, in_days, raised

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> World:
    return world()


def heard(made: World, who: str) -> list[str]:
    rows = Notification.objects.filter(recipient=made.users[who], kind__startswith="reviews.").order_by("pk")
    return [one.kind.removeprefix("reviews.action_") for one in rows]


def clock_states(action: Any) -> dict[str, str]:
    return {one.metric: one.state for one in clocks.clocks_of(KIND, [action.pk])[action.pk]}


def test_whole_life(made: World) -> None:
    action = raised(made)
    assert (action.state, action.side, action.ref) == (ActionState.OPEN, Side.PARTNER, f"A-{action.pk}")
    assert clock_states(action) == {"due": "running", "escalation": "running"}
    acts.take(actor=made.actor("lead"), ref=action.ref)
    proof = SimpleUploadedFile("rota.txt", b"Monday: two more")
    action = acts.done(actor=made.actor("lead"), ref=action.ref, evidence="See the rota", files=[proof])
    assert (action.state, action.done_by_id) == (ActionState.DONE, made.users["lead"].pk)
    assert [one.name for one in files_of(FILE_OWNER, [action.pk])[str(action.pk)]] == ["rota.txt"]
    assert clock_states(action) == {"due": "met", "escalation": "cancelled"}
    action = acts.verify(actor=made.actor("manager"), ref=action.ref, text="Saw it on Monday")
    assert action.state == ActionState.VERIFIED
    assert [one.code for one in action.events.all()] == [
        "action.raised",
        "action.taken",
        "action.done",
        "action.verified",
    ]
    assert heard(made, "lead") == ["assigned", "verified"]
    assert heard(made, "coordinator") == ["to_verify"]
    verbs = AuditEntry.objects.filter(subject_type="review_action").order_by("pk").values_list("verb", flat=True)
    assert [one.removeprefix("review_action.") for one in verbs] == ["raised", "taken", "done", "verified"]


def test_nobody_verifies_what_they_did_or_own(made: World) -> None:
    action = done(made, raised(made, by="lead", owner="coordinator"), by="coordinator")
    assert action.side == Side.COMPANY
    with pytest.raises(PermissionDenied):
        acts.verify(actor=made.actor("coordinator"), ref=action.ref)
    assert acts.verify(actor=made.actor("lead"), ref=action.ref).verified_by_id == made.users["lead"].pk


def test_two_accounts_of_one_person_are_one_person(made: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database looks at persons, whatever the rules let through."""
    action = done(made, raised(made, owner="coordinator", by="manager"), by="coordinator")
    person = PersonFactory.create()
    User.objects.filter(pk=made.users["coordinator"].pk).update(person=person)
    monkeypatch.setattr("reviews.rules.actions._verifiers", lambda actor, about: iter([actor]))
    with pytest.raises(RefusedError, match="action_two_people"):
        acts.verify(actor=made.actor("coordinator"), ref=action.ref)
    action.refresh_from_db()
    assert action.state == ActionState.DONE


def test_sent_back_it_is_due_again(made: World) -> None:
    action = done(made, raised(made))
    with pytest.raises(RefusedError, match="reason_missing"):
        acts.send_back(actor=made.actor("coordinator"), ref=action.ref, text=" ")
    action = acts.send_back(actor=made.actor("coordinator"), ref=action.ref, text="Two are missing", due_at=in_days(3))
    assert (action.state, action.done_by_id, action.done_at) == (ActionState.UNDER_WAY, None, None)
    assert [one.state for one in clocks.clocks_of(KIND, [action.pk])[action.pk] if one.metric == DUE] == [
        "met",
        "running",
    ]
    assert heard(made, "lead")[-1] == "sent_back"
    assert done(made, action).state == ActionState.DONE


def test_done_needs_evidence(made: World) -> None:
    with pytest.raises(RefusedError, match="evidence_missing"):
        done(made, raised(made), evidence="  ")


def test_dropped_with_a_reason(made: World) -> None:
    action = raised(made)
    action = acts.drop(actor=made.actor("coordinator"), ref=action.ref, text="The shift is gone")
    assert action.state == ActionState.DROPPED
    assert set(clock_states(action).values()) == {"cancelled"}
    assert heard(made, "lead") == ["assigned", "dropped"]
    with pytest.raises(RefusedError, match="action_moved_on"):
        acts.take(actor=made.actor("lead"), ref=action.ref)


def test_changed(made: World) -> None:
    action = raised(made)
    wording = acts.Wording(title="Coach both shifts", owner_id=made.users["manager"].pk, due_at=in_days(14))
    action = acts.change(actor=made.actor("coordinator"), ref=action.ref, seen=1, wording=wording)
    assert (action.title, action.side, action.version) == ("Coach both shifts", Side.COMPANY, 2)
    assert [one.state for one in clocks.clocks_of(KIND, [action.pk])[action.pk] if one.metric == DUE] == [
        "cancelled",
        "running",
    ]
    assert heard(made, "manager") == ["assigned"]
    with pytest.raises(ConflictError):
        acts.change(actor=made.actor("coordinator"), ref=action.ref, seen=1, wording=wording)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"due_at": in_days(-1)}, "action_due_past"), ({"due_at": in_days(800)}, "action_due_far"),
        ({"owner": "foreign_lead"}, "owner_elsewhere"), ({"owner": "agent"}, "owner_elsewhere"),
        ({"owner": "auditor"}, "owner_elsewhere"),
    ],
)  # fmt: skip
def test_refused(made: World, more: dict[str, Any], code: str) -> None:
    with pytest.raises(RefusedError, match=code):
        raised(made, **more)


def test_strangers(made: World) -> None:
    action = raised(made)
    for who in ("foreign_lead", "associate", "agent", "it"):
        with pytest.raises(Http404):
            acts.take(actor=made.actor(who), ref=action.ref)
    for who in ("auditor", "administrator"):
        with pytest.raises(PermissionDenied):
            acts.drop(actor=made.actor(who), ref=action.ref, text="No")
    with pytest.raises(PermissionDenied):
        raised(made, by="auditor")
    with pytest.raises(PermissionDenied):
        raised(made, by="foreign_lead")
