"""Files hold what was said last: they are made again after comments and on publication, once, and the page says how they stand."""

import re
from typing import Any

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone
from pptx import Presentation

from portal.files.actions import read
from portal.files.models import StoredFile
from reviews.actions.files import SETTLING, ask, render_files
from reviews.actions.packs import acknowledge, comment, publish
from reviews.models import Pack, PackFile
from reviews.rendering import render
from tests.factories import reviews as rows

from .pack_world import World, browser, by
from .test_pack_pages import body, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> World:
    """A draft with files in two formats and two languages."""
    made = World(formats=["pptx", "xlsx"])
    ask(made.pack, ["zh-hans"])
    assert render_files(render) == 4
    return made


def shown(here: World) -> list[PackFile]:
    """The files that the page leads to now."""
    ids = re.findall(r'href="/files/([0-9a-f-]{36})/', browser(here.lead).get(url("pack", here.pack)).content.decode())
    return list(PackFile.objects.filter(file__in=ids))


def words(here: World, row: PackFile) -> str:
    """All that a file says, as it is fetched from the page."""
    answer: Any = browser(here.lead).get(reverse("files:file", args=[row.file_id]))
    kept = StoredFile.objects.get(pk=row.file_id)
    assert answer.status_code == 200
    assert kept.size == len(answer.getvalue())
    with read(kept) as content:
        if row.format == "xlsx":
            return " ".join(
                str(cell) for sheet in openpyxl.load_workbook(content) for line in sheet.values for cell in line
            )
        shapes = [shape for slide in Presentation(content).slides for shape in slide.shapes]
        texts = [shape.text_frame.text for shape in shapes if shape.has_text_frame]
        return " ".join([*texts, *(cell.text for one in shapes if one.has_table for line in one.table.rows for cell in line.cells)])  # fmt: skip


def settle() -> None:
    """The time that is waited for another comment is over."""
    PackFile.objects.filter(leased_until__gt=timezone.now()).update(leased_until=timezone.now())


def say(here: World, text: str) -> None:
    comment(actor=by(here.lead), pack_id=here.pack.pk, text=text, line_id=here.line)


def test_a_comment_has_the_files_made_again_once_for_several(here: World) -> None:
    assert len(shown(here)) == 4
    say(here, "Two were ill.")
    say(here, "And a storm.")
    assert shown(here) == [], "no file without them is offered"
    text = body(browser(here.lead).get(url("pack", here.pack)))
    assert "Files are being made: 0 of 4 are done." in text
    assert text.count("Being made") == 4
    assert render_files(render) == 0, "another comment may follow"
    waits = PackFile.objects.filter(state="waiting").order_by("leased_until").last()
    assert waits
    assert waits.leased_until
    assert waits.leased_until <= timezone.now() + SETTLING
    settle()
    assert (render_files(render), render_files(render)) == (4, 0)
    assert PackFile.objects.count() == 8, "those asked for in between were not made"
    made = shown(here)
    assert {one.of_hash for one in made} == {here.seen}
    assert len(made) == 4
    for one in made:
        said = words(here, one)
        assert "Two were ill." in said
        assert "And a storm." in said
    assert "Files are being made" not in body(browser(here.lead).get(url("pack", here.pack)))


def test_what_is_published_holds_every_comment_and_a_hash_that_checks(here: World) -> None:
    say(here, "Two were ill.")
    for user in (here.lead, here.coordinator):
        acknowledge(actor=by(user), pack_id=here.pack.pk, seen=here.seen)
    content = publish(actor=by(here.manager), pack_id=here.pack.pk, seen=here.seen).content_hash
    assert shown(here) == []
    assert "Files are being made: 0 of 4 are done." in body(browser(here.lead).get(url("pack", here.pack)))
    assert render_files(render) == 4, "at once"
    settle()
    assert render_files(render) == 0, "what was asked for of the draft is not made any more"
    made = shown(here)
    assert [(one.final, one.of_hash) for one in made] == [(True, content)] * 4
    for one in made:
        said = words(here, one)
        assert "Two were ill." in said
        (mark,) = set(re.findall(r"[0-9a-f]{64}", said))
        assert mark == content
        assert "It is this pack" in body(browser(here.lead).get(reverse("reviews:check"), {"hash": mark}))


def test_files_of_older_drafts_say_so_and_are_made_again_by_a_button(here: World) -> None:
    rows.comment(here.pack, here.lead, text="Nobody asked for files.")
    text = body(browser(here.coordinator).get(url("pack", here.pack)))
    assert text.count("of the draft, without the latest comments") == 4
    assert "Make the files again" in text
    assert "Make the files again" not in body(browser(here.lead).get(url("pack", here.pack)))
    client = browser(here.coordinator)
    assert "It is tried again." in body(client.post(url("pack_retry", here.pack), follow=True))
    client.post(url("pack_retry", here.pack))
    assert PackFile.objects.filter(state="waiting").count() == 4, "asked for once"
    assert (render_files(render), render_files(render)) == (4, 0)
    assert all("Nobody asked for files." in words(here, one) for one in shown(here))
    text = body(client.get(url("pack", here.pack)))
    assert "without the latest comments" not in text
    assert "Make the files again" not in text
    assert "The pack is made already." in body(client.post(url("pack_retry", here.pack), follow=True))


def test_news_of_files_leave_what_is_being_written_alone(here: World) -> None:
    say(here, "Two were ill.")
    client = browser(here.lead)
    asked = re.search(r'hx-get="([^"]+/progress/[^"]+)"', client.get(url("pack", here.pack)).content.decode())
    assert asked
    assert client.get(asked[1]).status_code == 204
    settle()
    render_files(render)
    answer = client.get(asked[1])
    html = answer.content.decode()
    assert "HX-Refresh" not in answer.headers
    assert html.count('href="/files/') == 4
    assert 'id="files" hx-swap-oob="true"' in html
    assert "data-poll" not in html, "nothing more is to come"
    rows.published(Pack.objects.get(pk=here.pack.pk))
    assert client.get(asked[1]).headers["HX-Refresh"] == "true", "more than its files changed"
