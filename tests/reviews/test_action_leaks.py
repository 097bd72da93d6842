"""An action out of a case is seen only by who sees the case: on no page, panel, list, search, count, inbox or file."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.utils import timezone

from escalations import actions as cases
from portal.files.queries import files_of
from portal.notifications.delivery.fanout import fan_out_batch
from portal.notifications.models import Notification
from portal.refusals import RefusedError
from reviews.access.sources import get_source
from reviews.actions import actions as acts
from reviews.models import Action
from reviews.queries.actions import FILE_OWNER
from sla.actions import tick
from tests.escalations.pages_world import World, world
from tests.reviews.action_world import in_days, raised

pytestmark = pytest.mark.django_db
SECRET = "zqsecretxw"
LISTS = (
    "/reviews/actions/", "/reviews/actions/board/", "/reviews/actions/?tab=verify", "/reviews/actions/?whose=mine", "/",
    "/search/?q=Harbour", "/inbox/",
)  # fmt: skip


@pytest.fixture
def made() -> World:
    return world()


def out_of(made: World, ref: str, **more: Any) -> Action:
    who = more.get("by", "coordinator")
    return raised(made, origin=get_source(made.actor(who), f"case:{ref}"), title=f"Harbour {SECRET}", **more)


def seen_by(made: World, who: str, action: Action) -> list[str]:
    client = made.client(who)
    found = [url for url in LISTS if SECRET in client.get(url, follow=True).content.decode()]
    page = client.get(f"/reviews/actions/{action.ref}/")
    return [*found, action.ref] if page.status_code == 200 else found


def closed_in(made: World, ref: int, *who: str) -> None:
    """The case becomes restricted; these keep sight of it."""
    cases.set_sensitivity(actor=made.actor("service_lead"), ref=ref, sensitivity="restricted")
    for one in who:
        cases.grant_access(actor=made.actor("service_lead"), ref=ref, user_id=made.users[one].pk, reason="Needed")


def test_out_of_an_ordinary_case(made: World) -> None:
    case = made.case()
    action = out_of(made, case.ref)
    assert "/reviews/actions/" in seen_by(made, "lead", action)
    url = f"/reviews/actions/of-case/{case.ref}/"
    assert SECRET in made.client("coordinator").get(url).content.decode()
    assert made.client("foreign_lead").get(url).status_code == 404


def test_who_lost_sight_of_the_case_lost_sight_of_the_action(made: World) -> None:
    case = made.case()
    action = out_of(made, case.ref)
    action = acts.done(
        actor=made.actor("lead"), ref=action.ref, evidence="Proof", files=[SimpleUploadedFile("proof.txt", b"Proof")]
    )  # fmt: skip
    [file] = files_of(FILE_OWNER, [action.pk])[str(action.pk)]
    response = made.client("lead").get(f"/files/{file.pk}/")
    assert b"".join(response) == b"Proof"
    closed_in(made, case.pk, "coordinator")
    for who in ("lead", "qa", "manager", "administrator", "auditor", "associate", "foreign_lead"):
        assert seen_by(made, who, action) == [], who
        assert made.client(who).get(f"/files/{file.pk}/").status_code == 404, who
        with pytest.raises((Http404, PermissionDenied)):
            acts.verify(actor=made.actor(who), ref=action.ref)
    assert action.ref in seen_by(made, "coordinator", action)


def test_an_owner_who_does_not_see_the_case_is_refused(made: World) -> None:
    case = made.case()
    closed_in(made, case.pk, "coordinator")
    with pytest.raises(RefusedError, match="owner_sees_no_case"):
        out_of(made, case.ref, owner="lead")
    with pytest.raises(Http404):
        out_of(made, case.ref, by="manager", owner="manager")
    action = out_of(made, case.ref, owner="coordinator")
    others = Notification.objects.exclude(recipient=made.users["coordinator"])
    assert not others.filter(kind__startswith="reviews.").exists()
    for who in ("lead", "manager", "auditor", "administrator"):
        assert seen_by(made, who, action) == [], who


def test_the_auditor_sees_every_action_but_those(made: World) -> None:
    action = raised(made, title=f"Harbour {SECRET}")
    assert action.ref in seen_by(made, "auditor", action)
    assert action.ref in seen_by(made, "administrator", action)
    assert seen_by(made, "foreign_lead", action) == []


def test_the_owner_sees_their_own_action_elsewhere_while_they_read_reviews(made: World) -> None:
    """Somebody moved on to another site keeps what they own, and only that."""
    mine, other = raised(made, title=f"Harbour {SECRET}"), raised(made, owner="qa", title="Other")
    made.users["lead"].memberships.update(site=made.other_site)
    page = made.client("lead").get("/reviews/actions/").content.decode()
    assert mine.ref in page
    assert other.title not in page


def test_of_a_closed_case_only_those_hear_who_see_it(made: World) -> None:
    """Overdue for a business day, and done: managers and leads without sight of the case are told nothing, those with it are."""
    case, other = made.case(), made.case()
    closed_in(made, case.pk, "coordinator")
    closed_in(made, other.pk, "coordinator", "manager")
    late = {one: out_of(made, one.ref, owner="coordinator", due_at=in_days(0.5)) for one in (case, other)}
    tick(now=timezone.now() + timedelta(days=2))
    while fan_out_batch():
        pass
    told = Notification.objects.filter(kind="reviews.action_escalated").select_related("recipient")
    assert {(one.recipient.name, pk) for one in told for pk in one.subject_ids} == {("Manager", late[other].pk)}
    acts.done(actor=made.actor("coordinator"), ref=late[other].pk, evidence="Proof")
    acts.done(actor=made.actor("coordinator"), ref=late[case].pk, evidence="Proof")
    told = Notification.objects.filter(kind="reviews.action_to_verify").select_related("recipient")
    assert {(one.recipient.name, pk) for one in told for pk in one.subject_ids} == {("Manager", late[other].pk)}
    page = made.client("manager").get("/inbox/?show=all").content.decode()
    assert late[other].ref in page
    assert late[case].ref not in page
    for who in ("lead", "qa", "auditor"):
        page = made.client(who).get("/inbox/?show=all").content.decode()
        assert not [one.ref for one in late.values() if one.ref in page], who
