"""Pictures that cannot be kept, and answers that are taken back: said at the question, by the page's form and by its script."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.files.models import StoredFile
from reviews.models import Answer, Photo, Visit
from tests.disks import disk_that_takes
from tests.factories.files import PNG, upload
from tests.reviews.test_visit_pages import fields, signed_in
from tests.reviews.visiting import World, begun

pytestmark = pytest.mark.django_db
MB = 1024 * 1024
#: A picture that fits the request's memory, and one that waits in a temporary file.
SMALL, LARGE = PNG + b"\0" * MB, PNG + b"\0" * 5 * MB


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def visit(world: World) -> Visit:
    return begun(world)


@pytest.fixture
def client(world: World) -> Client:
    return signed_in(world.coordinator)


def by_form(client: Client, world: World, visit: Visit, name: str, content: bytes) -> str:
    """What stands at the question after the form was sent with a picture; "" when it was taken."""
    asked = world.question("desks").pk
    sent: dict[str, Any] = {**fields(client, visit), f"file-{asked}": upload(name, content), f"note-{asked}": "Kept"}
    answer = client.post(reverse("reviews:visit", args=[visit.engagement_id]), sent)
    if answer.status_code == 302:
        return ""
    assert answer.status_code == 422
    assert Answer.objects.get().note == "Kept", "what was typed beside it is saved"
    text = answer.content.decode()
    return text[text.index(f'id="q-{asked}"') :].partition("</div>")[0]


def by_script(client: Client, world: World, visit: Visit, name: str, content: bytes) -> tuple[int, str]:
    """Status and text that the script gets."""
    sent = {"key": uuid.uuid4(), "question": world.question("desks").pk, "file": upload(name, content)}
    answer = client.post(reverse("reviews:visit_photos", args=[visit.engagement_id]), sent)
    return answer.status_code, answer.json()["text"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("big.png", PNG + b"\0" * 30 * MB, "is the most"),
        ("desk.jpg", PNG, "the content is of another type"),
        ("desk.png", b"%PDF-1.7\n", "The name says PNG, the content does not"),
        ("desk.png", b"", "The file is empty"),
    ],
)
def test_what_is_no_photo_is_said_at_the_question(client: Client, world: World, visit: Visit, name: str, content: bytes, says: str) -> None:  # fmt: skip
    assert says in by_form(client, world, visit, name, content)
    status, text = by_script(client, world, visit, name, content)
    assert (status, says in text) == (422, True)
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize("content", [SMALL, LARGE])
def test_a_full_disk_is_said_at_the_question_and_nothing_half_stays(
    client: Client, world: World, visit: Visit, content: bytes, settings: Any, tmp_path: Path
) -> None:
    settings.FILES_ROOT = tmp_path / "files"
    with disk_that_takes(MB // 2):
        said = by_form(client, world, visit, "desk.png", content)
        status, text = by_script(client, world, visit, "desk.png", content)
    assert "There is no room for files at the moment" in said
    assert (status, "no room" in text) == (507, True), "the script keeps it and sends it again"
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []
    assert not StoredFile.objects.exists()
    assert by_form(client, world, visit, "desk.png", content) == ""
    assert Photo.objects.get().file.size == len(content)


def test_an_answer_is_taken_back_by_the_form(client: Client, world: World, visit: Visit) -> None:
    asked, url = world.question("desks").pk, reverse("reviews:visit", args=[visit.engagement_id])
    client.post(url, fields(client, visit) | {f"said-{asked}": "1", f"note-{asked}": "Nearly"})
    assert "50.0%" not in client.get(reverse("reviews:visit_report", args=[visit.engagement_id])).content.decode()
    assert client.post(url, fields(client, visit) | {f"said-{asked}": ""}).status_code == 302
    answer = Answer.objects.get()
    assert (answer.score, answer.note, answer.version) == (None, "Nearly", 2)
    report = client.get(reverse("reviews:visit_report", args=[visit.engagement_id])).content.decode()
    assert "100.0%" not in report
    assert "not answered" in report


def test_an_answer_is_taken_back_by_the_script(client: Client, world: World, visit: Visit) -> None:
    def send(base: int, **values: Any) -> dict[str, Any]:
        change = {"key": str(uuid.uuid4()), "question": world.question("morale").pk, "base": base,
                  "values": {"score": None, "text": "", "note": "", "not_applicable": False} | values}  # fmt: skip
        answer = client.post(
            reverse("reviews:visit_changes", args=[visit.engagement_id]), json.dumps({"changes": [change]}), content_type="application/json"
        )  # fmt: skip
        return dict(answer.json()["outcomes"][0])

    assert send(0, score=3)["state"] == "taken"
    assert send(1)["values"]["score"] is None
    assert Answer.objects.get().score is None
    assert "Not answered" in client.get(reverse("reviews:visit", args=[visit.engagement_id])).content.decode()
