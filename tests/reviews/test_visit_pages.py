"""Pages of visits and checklists, as a browser without script uses them, and what the script sends."""

import json
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from reviews.models import Answer, AnswerChange, ChecklistVersion, Photo, Question, Visit
from tests.factories.files import PNG, upload
from tests.factories.partners import SiteFactory
from tests.reviews.visiting import World, begun

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def fields(client: Client, visit: Visit) -> dict[str, str]:
    """What the form of the page would send as it is."""
    page = client.get(reverse("reviews:visit", args=[visit.engagement_id]))
    found = {}
    for _part, lines in page.context["parts"]:
        for line, _fault in lines:
            chosen = next((value for value, _label, chosen in line["options"] if chosen), "")
            found |= {f"key-{line['pk']}": str(line["key"]), f"base-{line['pk']}": str(line["version"])}
            found |= {f"photo-{line['pk']}": str(line["photo_key"]), f"said-{line['pk']}": chosen}
            found |= {f"text-{line['pk']}": line["given"].text, f"note-{line['pk']}": line["given"].note}
    return found


def test_a_visit_from_choosing_a_checklist_to_its_report(world: World) -> None:
    client, engagement = signed_in(world.coordinator), world.planned()
    url = reverse("reviews:visit", args=[engagement.pk])
    assert "Autumn visit" in client.get(url).content.decode()
    client.post(reverse("reviews:visit_begin", args=[engagement.pk]), {"version": world.version.pk})
    visit = Visit.objects.get()
    desks, said = world.question("desks").pk, world.question("said").pk
    sent: dict[str, Any] = fields(client, visit) | {
        f"said-{desks}": "1",
        f"text-{said}": "Loud\r\nbut kind",
        f"note-{desks}": "All",
    }
    sent[f"file-{desks}"] = upload("desk.png", PNG)
    assert client.post(url, sent).status_code == 302
    # The same form once more, as by a second press: nothing is doubled.
    sent[f"file-{desks}"] = upload("desk.png", PNG)
    client.post(url, sent)
    assert (Answer.objects.count(), AnswerChange.objects.count(), Photo.objects.count()) == (2, 2, 1)
    client.post(reverse("reviews:visit_finish", args=[engagement.pk]))
    report = client.get(reverse("reviews:visit_report", args=[engagement.pk])).content.decode()
    assert "Loud\nbut kind" in report
    assert "100.0%" in report
    assert "no score" in report
    assert client.get(url).status_code == 302
    assert "Autumn visit" in signed_in(world.lead).get(reverse("reviews:visits")).content.decode()
    file = Photo.objects.get().file_id
    shown = signed_in(world.lead).get(reverse("files:file", args=[file]))
    assert (shown.status_code, shown.getvalue()) == (200, PNG)
    stranger = world.person("Other", "coordinator", SiteFactory.create(partner=world.site.partner))
    assert signed_in(stranger).get(reverse("files:file", args=[file])).status_code == 404


def test_a_form_that_is_old_is_told_so_at_the_question(world: World) -> None:
    visit = begun(world)
    mine, other = signed_in(world.coordinator), signed_in(world.manager)
    url, desks = reverse("reviews:visit", args=[visit.engagement_id]), world.question("desks").pk
    old = fields(mine, visit)
    other.post(url, fields(other, visit) | {f"said-{desks}": "0", f"note-{desks}": "Dusty"})
    # What I left alone is not mine to overwrite.
    assert mine.post(url, old).status_code == 302
    assert Answer.objects.get().note == "Dusty"
    answer = mine.post(url, old | {f"said-{desks}": "1", f"key-{desks}": str(uuid.uuid4())})
    assert answer.status_code == 422
    assert "Mara Ortiz answered this meanwhile" in answer.content.decode()
    assert Answer.objects.get().score == 0


def sent(client: Client, visit: Visit, *rows: dict[str, Any]) -> Any:
    url = reverse("reviews:visit_changes", args=[visit.engagement_id])
    return client.post(url, json.dumps({"changes": rows}), content_type="application/json")


def test_the_script_is_told_what_came_of_each_change(world: World) -> None:
    visit, client = begun(world), signed_in(world.coordinator)
    row = {"key": str(uuid.uuid4()), "question": world.question("desks").pk, "base": 0, "values": {"score": 1}, "made_at": "1999-01-01T00:00:00Z"}  # fmt: skip
    wrong = row | {"key": str(uuid.uuid4()), "values": {"score": 7}}
    first = sent(client, visit, row, wrong).json()["outcomes"]
    assert [(one["state"], one.get("version")) for one in first] == [("taken", 1), ("refused", None)]
    again = sent(client, visit, row, row | {"key": str(uuid.uuid4()), "values": {"score": 0}}).json()["outcomes"]
    assert [(one["state"], one["version"], one["values"]["score"]) for one in again] == [
        ("taken", 1, 1),
        ("conflict", 1, 1),
    ]
    assert again[1]["text"] == "Chen Wei answered this meanwhile."
    assert AnswerChange.objects.get(pk=row["key"]).made_at.year > 2025


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"changes": 1}', b'{"changes": [{}]}', b'{"changes": [null]}', b"[" * 9000,
    b'{"changes": [{"key": "x", "question": 1, "base": 0, "values": {}}]}',
    b'{"changes": [{"key": "6f2f4f0e-6c5b-4f0a-9c66-1f0a4d8d7a11", "question": 1, "base": 0, "values": {"text": "\\ud800"}}]}'])  # fmt: skip
def test_what_no_script_of_ours_sends_is_refused(world: World, body: bytes) -> None:
    visit = begun(world)
    url = reverse("reviews:visit_changes", args=[visit.engagement_id])
    assert signed_in(world.coordinator).post(url, body, content_type="application/json").status_code == 400


def test_a_photo_that_is_none_is_said_so(world: World) -> None:
    visit, client = begun(world), signed_in(world.coordinator)
    url = reverse("reviews:visit_photos", args=[visit.engagement_id])

    def photo(name: str, content: bytes) -> Any:
        return client.post(
            url, {"key": uuid.uuid4(), "question": world.question("desks").pk, "file": upload(name, content)}
        )

    assert "is the most" in photo("big.png", PNG + b"\0" * 30 * 1024 * 1024).json()["text"]
    assert "content is of another type" in photo("desk.jpg", PNG).json()["text"]
    assert "The name says PNG" in photo("desk.png", b"%PDF-1.7\n").json()["text"]
    assert photo("desk.png", PNG).json()["url"] == reverse("files:file", args=[Photo.objects.get().file_id])


def test_a_checklist_is_written_ordered_used_and_written_on(world: World) -> None:
    client = signed_in(world.coordinator)

    def post(page: str, /, *args: str, **data: Any) -> Any:
        return client.post(reverse(f"reviews:{page}", args=args), data)

    def draft() -> ChecklistVersion:
        return ChecklistVersion.objects.get(checklist__code="spring", released_at=None)

    post("checklist_new", code="spring", name="Spring", name_zh="春季")
    assert "Every section needs a question" in client.get(post("checklist_release", "spring").url).content.decode()
    for code in ("floor", "team"):
        post("section_new", "spring", code=code, text=code.title(), version=draft().version)
        post(
            "question_new",
            "spring",
            code,
            code="one",
            text="How?",
            kind="score",
            most="5",
            weight="2",
            version=draft().version,
        )
    stale = post("section_new", "spring", code="late", text="Late", version=1)
    assert (stale.status_code, "changed" in stale.content.decode()) == (409, True)
    assert post("section_new", "spring", code="floor", text="Twice", version=draft().version).status_code == 422
    post("checklist_arrange", "spring", section="team", question="", to="up")
    assert list(draft().sections.values_list("code", flat=True)) == ["team", "floor"]
    post("checklist_release", "spring")
    post("checklist_draft", "spring")
    copied = (
        Question.objects.filter(section__version=draft(), section__code="team").values("code", "most", "weight").get()
    )
    assert copied == {"code": "one", "most": 5, "weight": 2}
    post("checklist_arrange", "spring", section="team", question="one", to="remove")
    assert not Question.objects.filter(section__version=draft(), section__code="team").exists()
    page = client.get(reverse("reviews:checklist", args=["spring"]) + "?v=1").content.decode()
    assert "How?" in page
    assert "Put in use" not in page
