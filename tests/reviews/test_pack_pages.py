"""The archive, a pack's page, what a revision changed, and the page that checks a file."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.accounts.choices import Role
from reviews.actions.packs import acknowledge, comment, publish
from reviews.blocks import Column, Row, Table, Text
from reviews.models import Pack, PackFile
from tests.factories.partners import SiteFactory
from tests.factories.reviews import PackFactory, a_data, draft, kind_of, published

from .pack_world import World, browser, by, member
from .packing import a_site, frozen_pack

pytestmark = pytest.mark.django_db
PACKS, CHECK = reverse("reviews:packs"), reverse("reviews:check")


@pytest.fixture
def here() -> World:
    return World()


def url(name: str, pack: Pack) -> str:
    return reverse(f"reviews:{name}", args=[pack.pk])


def body(response: Any) -> str:
    """What a reader sees, without markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def refresh(here: World, user: Any) -> str:
    return body(browser(user).get(url("pack", here.pack)))


def test_what_is_missing_first_then_exceptions_then_sections() -> None:
    site = a_site(level=0.5, last=date(2026, 11, 12))
    pack = frozen_pack(site)
    client = browser(member(Role.COORDINATOR, site=site))
    text = body(client.get(url("pack", pack)))
    text = re.sub(r"Sections without these figures: [^.]*\.", "", text[text.index("What this pack") :])
    order = [
        "What this pack cannot say",
        "days without: 3",
        "Exceptions",
        "Comment missing",
        "Not yet",
        "Summary",
        "Scorecard",
        "Trends",
    ]
    assert [text.index(one) for one in order] == sorted(text.index(one) for one in order)
    html = client.get(url("pack", pack)).content.decode()
    codes = re.findall(r'id="section-(\w+)"', html)
    assert codes == [one["code"] for one in pack.data["sections"]]
    assert html.count("<svg") > 10
    for title in ("Service level, by week", "Service level, by month", "Contacts by day"):
        assert f"<h3>{title}</h3>" in html, "a chart says what it shows"


def test_a_comment_is_written_beside_its_exception(here: World) -> None:
    client = browser(here.lead)
    assert "Comment missing" in refresh(here, here.lead)
    answer = client.post(url("pack_comment", here.pack), {"line": here.line, "text": "Two were ill."}, follow=True)
    text = body(answer)
    assert answer.redirect_chain[0][0].endswith(f"#line-{here.line}")
    assert "Two were ill. Li Lead · Partner" in text
    assert "Comment missing" not in text
    assert "Acknowledge" in text
    refused = client.post(url("pack_comment", here.pack), {"line": here.line, "text": ""})
    assert refused.status_code == 422
    assert "Write a comment." in body(refused)
    for bad in ({"text": "a\0b"}, {"text": "x" * 4001}, {"text": "x", "line": "abc"}):
        assert client.post(url("pack_comment", here.pack), bad).status_code == 422
    assert client.post(url("pack_comment", here.pack), {"text": "x", "line": 2**40}).status_code == 404
    assert here.pack.comments.count() == 1


def test_buttons_are_there_for_whom_they_are(here: World) -> None:
    comment(actor=by(here.lead), pack_id=here.pack.pk, text="Ill.", line_id=here.line)
    acknowledge(actor=by(here.lead), pack_id=here.pack.pk, seen=here.seen)
    html = {
        name: browser(getattr(here, name)).get(url("pack", here.pack)).content.decode()
        for name in ("lead", "qa", "manager")
    }
    assert [f"/{here.pack.pk}/acknowledge/" in html[name] for name in ("lead", "qa", "manager")] == [False, False, True]
    assert "Add comment" not in html["qa"]
    client = browser(here.manager)
    assert (
        "acknowledged"
        in body(client.post(url("pack_acknowledge", here.pack), {"seen": here.seen}, follow=True)).lower()
    )
    assert f"/{here.pack.pk}/publish/" in client.get(url("pack", here.pack)).content.decode()
    stale = client.post(url("pack_publish", here.pack), {"seen": "0" * 64}, follow=True)
    assert "another comment since you opened the page" in body(stale)
    client.post(url("pack_publish", here.pack), {"seen": here.seen})
    second = client.post(url("pack_publish", here.pack), {"seen": here.seen}, follow=True)
    assert (second.status_code, "This pack is published and changes no more." in body(second)) == (200, True)
    text = refresh(here, here.qa)
    assert "Published" in text
    assert here.fresh().content_hash in text


def test_the_page_goes_on_by_itself_while_a_worker_is_at_it(here: World) -> None:
    waiting = PackFactory.create(site=here.site, first_day=date(2026, 11, 2), last_day=date(2026, 11, 8))
    client = browser(here.manager)
    html = client.get(url("pack", waiting)).content.decode()
    asked = re.search(r'hx-get="([^"]+/progress/[^"]+)"', html)
    assert asked
    assert client.get(asked[1]).status_code == 204
    draft(waiting)
    assert client.get(asked[1]).headers["HX-Refresh"] == "true"
    file = PackFile.objects.create(pack=waiting, format="pdf", language="en", of_hash="a" * 64)
    text = body(client.get(url("pack", waiting)))
    assert "Files are being made: 0 of 1 are done." in text
    PackFile.objects.filter(pk=file.pk).update(state="failed", error="disk_full")
    assert "Files are being made" not in body(client.get(url("pack", waiting)))


def test_what_failed_says_so_and_is_tried_again(here: World) -> None:
    waiting = PackFactory.create(
        site=here.site, first_day=date(2026, 11, 2), last_day=date(2026, 11, 8), attempts=5, error="RuntimeError"
    )
    client = browser(here.manager)
    assert "tried 5 times: RuntimeError" in body(client.get(url("pack", waiting)))
    assert "It is tried again." in body(client.post(url("pack_retry", waiting), follow=True))
    assert Pack.objects.get(pk=waiting.pk).attempts == 0
    assert browser(here.lead).get(url("pack", waiting)).status_code == 404, (
        "the partner sees drafts, not what is being made"
    )


def test_a_revision_shows_what_changed(here: World) -> None:
    done = published(here.pack)
    client = browser(here.manager)
    assert client.post(url("pack_revise", done), {"reason": ""}).status_code == 422
    text = body(client.post(url("pack_revise", done), {"reason": "A day was missing."}, follow=True))
    assert "This revision corrects: A day was missing." in text
    made = Pack.objects.get(revision=2)
    data = done.data
    data["sections"][1]["blocks"][0]["rows"][0]["cells"][1] = "0.66"
    draft(made, data=data)
    text = body(browser(here.lead).get(url("pack_changes", made)))
    assert "Service level Scorecard Value 61.0% 66.0%" in text
    assert "There is a later revision" in refresh(here, here.lead)
    assert client.get(url("pack_changes", done)).status_code == 404


def test_a_change_reads_as_its_page_does_and_one_that_cannot_be_read_is_left_out(here: World) -> None:
    def table(value: str, change: str, n: int) -> Table:
        columns = [
            Column("value", Text("Value"), "number"),
            Column("change", Text("Change"), "change"),
            Column("n", Text("n"), "number"),
        ]
        return Table("t", Text("Lines"), columns, [Row("sl", [value, change, n], unit="percent")])

    done = published(
        draft(
            site=here.site,
            first_day=date(2026, 1, 5),
            last_day=date(2026, 1, 11),
            data=a_data(scorecard=[table("0.61001", "-0.018", 7)]),
        )
    )
    made = PackFactory.create(
        site=here.site, first_day=done.first_day, last_day=done.last_day, revision=2, reason="Late rows."
    )
    draft(made, data=a_data(scorecard=[table("0.61002", "0.02", 8)]))
    text = body(browser(here.lead).get(url("pack_changes", made)))
    assert "Change −1.8 +2.0" in text
    assert "n 7 8" in text
    assert "61.0%" not in text


def test_a_hash_is_checked_against_what_is_stored(here: World) -> None:
    client = browser(here.lead)
    seen = here.seen
    PackFile.objects.create(pack=here.pack, format="pdf", language="en", of_hash=seen)
    assert "hash of a draft that is not published" in body(client.get(CHECK, {"hash": seen}))
    comment(actor=by(here.lead), pack_id=here.pack.pk, text="Ill.", line_id=here.line)
    assert "Something was added since" in body(client.get(CHECK, {"hash": seen}))
    for user in (here.lead, here.manager):
        acknowledge(actor=by(user), pack_id=here.pack.pk, seen=here.seen)
    content = publish(actor=by(here.manager), pack_id=here.pack.pk, seen=here.seen).content_hash
    text = body(client.get(CHECK, {"hash": f" {content} "}))
    assert "It is this pack" in text
    assert "Chengdu" in text
    text = body(browser(here.stranger).get(CHECK, {"hash": content}))
    assert "No pack that you may see has this hash." in text
    assert "Chengdu" not in text
    for bad in ("", "x", "0" * 63, "a\0", "é" * 64, "0" * 10_000):
        assert client.get(CHECK, {"hash": bad}).status_code == 422
    assert client.get(CHECK).status_code == 200


def test_the_archive_is_narrowed_down_by_its_address(here: World) -> None:
    monthly = draft(site=here.site, kind=kind_of("monthly"), first_day=date(2026, 10, 1), last_day=date(2026, 10, 31))
    done = published(site=here.site, first_day=date(2026, 11, 2), last_day=date(2026, 11, 8))
    client = browser(here.manager)

    def shown(**query: str) -> set[int]:
        return {int(one) for one in re.findall(r'id="pack-(\d+)"', client.get(PACKS, query).content.decode())}

    assert shown() == {here.pack.pk, monthly.pk, done.pk}
    assert shown(kind="monthly") == {monthly.pk}
    assert shown(state="published", site=here.site.code) == {done.pk}
    assert shown(site="-") == set()
    assert shown(kind="nope", state="\0", site="x" * 9999) == {here.pack.pk, monthly.pk, done.pk}
    assert client.get(PACKS, {"cursor": "nonsense"}).status_code == 400


def test_the_archive_costs_the_same_however_many_packs(here: World) -> None:
    client = browser(here.manager)
    client.get(PACKS)
    with CaptureQueriesContext(connection) as few:
        client.get(PACKS)
    for week in range(1, 40):
        first = date(2026, 11, 9) - timedelta(weeks=week)
        draft(site=here.site, first_day=first, last_day=first + timedelta(days=6))
    with CaptureQueriesContext(connection) as many:
        client.get(PACKS)
        assert len(many) <= len(few)
    with CaptureQueriesContext(connection) as home:
        client.get("/day/packs/", headers={"HX-Request": "true"})
    assert sum("reviews_pack" in one["sql"] for one in home) == 1


def test_my_day_shows_what_waits_for_whom(here: World) -> None:
    waits = "Packs that wait for you"
    assert "An exception needs a comment." in body(
        browser(here.lead).get("/day/packs/", headers={"HX-Request": "true"})
    )
    assert waits not in body(browser(here.qa).get("/day/packs/", headers={"HX-Request": "true"}))
    assert waits not in body(browser(here.stranger).get("/day/packs/", headers={"HX-Request": "true"}))
    comment(actor=by(here.lead), pack_id=here.pack.pk, text="Ill.", line_id=here.line)
    assert "Waits for your acknowledgement." in body(
        browser(here.lead).get("/day/packs/", headers={"HX-Request": "true"})
    )
    acknowledge(actor=by(here.lead), pack_id=here.pack.pk, seen=here.seen)
    assert waits not in body(browser(here.lead).get("/day/packs/", headers={"HX-Request": "true"}))
    acknowledge(actor=by(here.coordinator), pack_id=here.pack.pk, seen=here.seen)
    assert "Acknowledged by both sides. Publish it." in body(
        browser(here.manager).get("/day/packs/", headers={"HX-Request": "true"})
    )
    assert waits not in body(browser(here.coordinator).get("/day/packs/", headers={"HX-Request": "true"}))
    comment(actor=by(here.manager), pack_id=here.pack.pk, text="More.")
    assert "Waits for your acknowledgement." in body(
        browser(here.lead).get("/day/packs/", headers={"HX-Request": "true"})
    )


def test_strangers_see_nothing_of_it(here: World) -> None:
    PackFile.objects.create(pack=here.pack, format="pdf", language="en", of_hash=here.seen)
    whole = draft(scope="partner", site=None, partner=here.site.partner)
    SiteFactory.create(partner=here.site.partner, name="Kunming")
    client = browser(here.stranger)
    for pack in (here.pack, whole):
        for name in ("pack", "pack_progress", "pack_changes"):
            assert client.get(url(name, pack)).status_code == 404
        for name in ("pack_comment", "pack_acknowledge", "pack_publish", "pack_revise", "pack_retry"):
            assert client.post(url(name, pack), {"text": "x", "seen": "x", "reason": "x"}).status_code == 404
    text = body(client.get(PACKS))
    assert "No pack here" in text
    assert "Chengdu" not in text
    assert browser(here.lead).get(url("pack", whole)).status_code == 404, "a lead of one of the partner's sites"
