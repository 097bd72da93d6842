"""Making playbooks: who may, drafts and versions, what keeps one from being published, and the pages."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escalations.actions import playbook_config as acts
from escalations.models import Playbook, PlaybookVersion
from portal.accounts.rules import SYSTEM
from portal.audit.models import AuditEntry
from portal.refusals import ConflictError, RefusedError
from tests.escalations.pages_world import World, issue_tree, world
from tests.factories.playbooks import ANSWERS, PlaybookFactory, draft, published, step

pytestmark = pytest.mark.django_db
EDITORS = ("administrator", "service_lead")


@pytest.fixture
def here() -> World:
    return world()


@pytest.fixture
def book(here: World) -> Playbook:
    """With two steps in its draft."""
    made = PlaybookFactory(name="Stranded guest", name_zh="客人无处可住", service=here.service)
    draft(made, step("safe", answers=ANSWERS), step("room", only_if_step="safe", only_if_answer="no"))
    return made


def newest(book: Playbook) -> PlaybookVersion:
    found = book.versions.first()
    assert found is not None
    return found


def post(here: World, who: str, book: Playbook, part: str, **said: Any) -> Any:
    return here.client(who).post(f"/playbooks/{book.pk}/{part}", said)


def page(here: World, who: str, address: str) -> str:
    response = here.client(who).get(address)
    assert response.status_code == 200
    return response.content.decode().partition("<main")[2].partition("</main>")[0]


STEP = {
    "title": "Call the host",
    "title_zh": "给房东打电话",
    "guidance": "Three times.",
    "guidance_zh": "三次。",
    "required": "on",
}


def test_from_an_empty_draft_to_a_published_version_on_a_case(here: World) -> None:
    client = here.client("service_lead")
    issue = issue_tree()
    made = client.post("/playbooks/new/", {
        "name": "Locked out", "name_zh": "被锁在门外", "service": here.service.pk, "issue_type": issue.pk, "severity": "",
    })  # fmt: skip
    book = Playbook.objects.get()
    assert made["Location"] == f"/playbooks/{book.pk}/"
    assert "Write at least one step first." in page(here, "service_lead", made["Location"])
    post(here, "service_lead", book, "steps/new/", **STEP, version=newest(book).version, evidence="none")
    post(
        here,
        "service_lead",
        book,
        "steps/new/",
        title="Is everybody safe?",
        required="on",
        answers="Yes | 是\nNo | 否",
        version=newest(book).version,
    )
    assert post(here, "service_lead", book, "publish/", version=newest(book).version).status_code == 302
    html = page(here, "associate", f"/playbooks/{book.pk}/")
    for part in (
        "Version 1",
        "Call the host",
        "给房东打电话",
        "Three times.",
        "三次。",
        "Stay › Check-in › Locked out",
        "Yes",
        "否",
    ):
        assert part in html, part
    assert "<form" not in html
    case = here.case(issue_type_id=issue.pk)
    panel = page(here, "associate", f"/cases/{case.ref}/playbook/")
    for part in ("Playbook: Locked out", "Call the host", "Three times.", "Is everybody safe?"):
        assert part in panel, part
    verbs = AuditEntry.objects.filter(subject_type="playbook").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["playbook.added", "playbook.edited", "playbook.edited", "playbook.published"]


@pytest.mark.parametrize("who", ["coordinator", "manager", "associate", "auditor"])
def test_readers_read_what_was_published_and_change_nothing(here: World, book: Playbook, who: str) -> None:
    html = page(here, who, f"/playbooks/{book.pk}/")
    assert "Nothing published yet" in html
    assert "Step safe" not in html
    assert here.client(who).get(f"/playbooks/{book.pk}/?v=1").status_code == 404
    assert here.client(who).get(f"/playbooks/{book.pk}/preview/").status_code == 404
    for part in ("settings/", "archive/", "draft/", "publish/", "arrange/", "steps/new/", "steps/safe/"):
        assert post(here, who, book, part, version=1, to="up", step="room").status_code == 403, part
    assert AuditEntry.objects.filter(subject_type="playbook").count() == 0
    assert "Draft" not in page(here, who, "/playbooks/")


def test_a_lead_makes_playbooks_of_the_own_service_alone(here: World, book: Playbook) -> None:
    lead = here.actor("service_lead")
    for service in (None, here.other_service.pk):
        with pytest.raises(PermissionDenied):
            acts.add_playbook(actor=lead, name="x", service_id=service)
        said = {"name": "x", "service": service or "", "version": book.version}
        assert here.client("service_lead").post("/playbooks/new/", said).status_code == 422
        assert post(here, "service_lead", book, "settings/", **said).status_code == 422
        with pytest.raises(PermissionDenied):
            acts.change_playbook(actor=lead, playbook_id=book.pk, seen=1, name="x", service_id=service)
    of_all = PlaybookFactory(severity=1)
    assert here.client("service_lead").get(f"/playbooks/{of_all.pk}/settings/").status_code == 403
    assert "All services" in page(here, "administrator", "/playbooks/new/")
    assert "All services" not in page(here, "service_lead", "/playbooks/new/")


def test_a_published_version_stays_and_the_next_one_begins_as_its_copy(here: World, book: Playbook) -> None:
    first = newest(book)
    post(here, "service_lead", book, "publish/", version=first.version)
    assert "Publish version" not in page(here, "service_lead", f"/playbooks/{book.pk}/")
    post(here, "service_lead", book, "draft/")
    second = newest(book)
    assert (second.number, [one.key for one in second.steps.all()]) == (2, ["safe", "room"])
    with pytest.raises(RefusedError, match="playbook_has_draft"):
        acts.begin_draft(actor=SYSTEM, playbook_id=book.pk)
    post(
        here, "service_lead", book, "steps/safe/", title="Is everybody well?", version=second.version, answers="Yes\nNo"
    )
    assert first.steps.get(key="safe").title == "Step safe"
    html = page(here, "service_lead", f"/playbooks/{book.pk}/?v=1")
    assert "Step safe" in html
    assert "Is everybody well?" in page(here, "service_lead", f"/playbooks/{book.pk}/")
    assert "Is everybody well?" not in page(here, "associate", f"/playbooks/{book.pk}/")


def test_steps_are_ordered_by_buttons_that_keep_the_focus(here: World, book: Playbook) -> None:
    moved = post(here, "service_lead", book, "arrange/", step="room", to="up")
    assert moved["Location"] == f"/playbooks/{book.pk}/#up-room"
    assert [one.key for one in newest(book).steps.all()] == ["room", "safe"]
    html = page(here, "service_lead", f"/playbooks/{book.pk}/")
    assert "“Step room” hangs on an answer that no earlier step gives." in html
    refused = here.client("service_lead").post(
        f"/playbooks/{book.pk}/publish/", {"version": newest(book).version}, follow=True
    )
    assert "hangs on an answer" in refused.content.decode()
    assert newest(book).published_at is None
    post(here, "service_lead", book, "arrange/", step="room", to="remove")
    assert [one.key for one in newest(book).steps.all()] == ["safe"]
    for said in ({}, {"to": "up"}, {"to": "sideways", "step": "safe"}, {"to": "up", "step": "\x00"}):
        assert post(here, "service_lead", book, "arrange/", **said).status_code == 400
    gone = here.client("service_lead").post(f"/playbooks/{book.pk}/arrange/", {"to": "up", "step": "x"}, follow=True)
    assert "Somebody removed this step meanwhile." in gone.content.decode()


def test_the_second_of_two_editors_is_told_and_loses_nothing(here: World, book: Playbook) -> None:
    seen = newest(book).version
    acts.keep_step(
        actor=here.actor("administrator"), playbook_id=book.pk, seen=seen, key="safe", values={"title": "Other"}
    )
    late = post(here, "service_lead", book, "steps/safe/", **STEP, version=seen)
    assert late.status_code == 409
    for part in ("Administrator changed this a moment ago", "Step is now Other", "Call the host"):
        assert part in late.content.decode(), part
    with pytest.raises(ConflictError):
        acts.publish_draft(actor=SYSTEM, playbook_id=book.pk, seen=seen)
    told = here.client("service_lead").post(f"/playbooks/{book.pk}/publish/", {"version": seen}, follow=True)
    assert "Somebody changed this a moment ago" in told.content.decode()
    assert newest(book).published_at is None


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"title": ""}, "This field is required"),
        ({"title": "x" * 201}, "at most 200 characters"),
        ({"answers": "Yes"}, "Write two to eight answers, or none."),
        ({"answers": "\n".join(map(str, range(9)))}, "Write two to eight answers, or none."),
        ({"answers": "Yes\nyes"}, "Two answers are the same."),
        ({"answers": "Yes\n| 否"}, "some before the bar"),
        ({"answers": "Yes\n" + "x" * 121}, "at most 120 characters"),
        ({"only_if": "room:yes"}, "Select a valid choice"),
        ({"evidence": "oath"}, "Select a valid choice"),
        ({"title": "\x00"}, "Null characters are not allowed"),
    ],
)
def test_what_a_step_cannot_say(here: World, book: Playbook, said: dict[str, str], words: str) -> None:
    answer = post(here, "service_lead", book, "steps/new/", **{**STEP, "version": newest(book).version, **said})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert newest(book).steps.count() == 2


def test_keys_are_made_of_titles_and_stay(here: World, book: Playbook) -> None:
    def add(title: str) -> str:
        kept = acts.keep_step(
            actor=SYSTEM, playbook_id=book.pk, seen=newest(book).version, key=None, values={"title": title}
        )
        return kept.key

    assert [add("Call the host"), add("Call the host"), add("new"), add("打电话"), add("打电话")] == [
        "call-the-host", "call-the-host-2", "new-2", "step", "step-2",
    ]  # fmt: skip


def test_one_playbook_for_a_matter_until_it_is_archived(here: World, book: Playbook) -> None:
    said = {"name": "Twin", "service": here.service.pk}
    twice = here.client("service_lead").post("/playbooks/new/", said)
    assert twice.status_code == 422
    assert "There is a playbook for this service" in twice.content.decode()
    post(here, "service_lead", book, "archive/")
    assert here.client("service_lead").post("/playbooks/new/", said).status_code == 302
    back = here.client("service_lead").post(f"/playbooks/{book.pk}/archive/", {"restore": "1"}, follow=True)
    assert "There is a playbook for this service" in back.content.decode()
    book.refresh_from_db()
    assert book.archived_at is not None


def test_the_preview_tries_answers_in_either_language(here: World, book: Playbook) -> None:
    address = f"/playbooks/{book.pk}/preview/"
    assert "Step room" not in page(here, "service_lead", address)
    assert "Step room" in page(here, "service_lead", f"{address}?a-safe=no")
    html = page(here, "service_lead", f"{address}?a-safe=no&lang=zh-hans")
    for part in ("客人无处可住", "步骤 room", "是"):
        assert part in html, part
    for odd in ("?v=9", "?v=x", "?v=%00"):
        assert here.client("service_lead").get(address + odd).status_code == 404
    assert "Step safe" in page(here, "service_lead", f"{address}?lang=tlh&a-safe=%00")


def test_pages_cost_the_same_for_many(here: World, book: Playbook) -> None:
    client = here.client("administrator")

    def queries(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as found:
            client.get(address)
        return len(found)

    addresses = ("/playbooks/", f"/playbooks/{book.pk}/", f"/playbooks/{book.pk}/preview/")
    before = [queries(one) for one in addresses]
    for number in range(3):
        published(*(step(f"s{n}") for n in range(5)), severity=number + 1)
        acts.keep_step(actor=SYSTEM, playbook_id=book.pk, seen=newest(book).version, key=None, values={"title": "x"})
    assert [queries(one) for one in addresses] == before
