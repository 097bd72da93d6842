"""Freezing: numbers, lines and what is to be rendered at once; what fails says so and is tried again."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kpis.actions import mark_dirty
from reviews.actions import freezing
from reviews.actions.freezing import MOST_ATTEMPTS, freeze, freeze_packs, try_again
from reviews.blocks import Note
from reviews.models import Line, Pack, PackFile, Section
from reviews.queries.content import draft_hash
from reviews.queries.sections import SECTIONS
from reviews.queries.settling import PATIENCE
from reviews.rules.hashing import content_hash
from tests.factories.accounts import UserFactory
from tests.factories.partners import SiteFactory
from tests.factories.reviews import PackFactory, comment, kind_of
from tests.reviews.packing import a_site, blocks_of, frozen_pack

pytestmark = pytest.mark.django_db


def test_a_pack_is_frozen_with_its_lines_and_formats() -> None:
    site = a_site(name="Cebu", name_zh="宿务")
    pack = frozen_pack(site, formats=["pdf", "pptx"], language="zh-hans")
    assert (pack.state, [one["code"] for one in pack.missing], pack.error) == (
        "draft",
        ["no_forecast", "no_calendar"],
        "",
    )
    assert pack.data["scope"]["site"] == {"code": site.code, "en": "Cebu", "zh": "宿务"}
    assert pack.data["period"] == {"key": "2026-W46", "first": "2026-11-09", "last": "2026-11-15"}
    codes = [one.code for one in pack.kind.sections.order_by("position") if one.code in SECTIONS]
    assert [one["code"] for one in pack.data["sections"]] == codes
    rows = blocks_of(pack, "scorecard")["lines"].rows
    assert {line.key: line.needs_comment for line in pack.lines.filter(section="scorecard")} == {
        row.key: row.rag == "r" or bool(row.signals) for row in rows
    }
    files = PackFile.objects.values_list("format", "language", "final", "of_hash", "state")
    assert sorted(files) == [(one, "zh-hans", False, draft_hash(pack), "waiting") for one in ("pdf", "pptx")]


def test_the_hash_is_that_of_the_stored_rows_and_changes_with_a_comment() -> None:
    pack = frozen_pack(a_site())
    before = draft_hash(pack)
    assert before == content_hash(pack.data, []) == draft_hash(Pack.objects.get())
    comment(pack, UserFactory.create())
    assert draft_hash(pack) != before


def test_a_site_without_anything_gets_a_pack_that_says_so() -> None:
    pack = frozen_pack(SiteFactory.create())
    assert pack.state == "draft"
    assert {"no_contract", "no_data"} <= {one["code"] for one in pack.missing}
    assert [one["code"] for one in pack.missing].count("no_data") == 1
    assert not Line.objects.filter(needs_comment=True).exists()


def test_sections_are_those_of_the_kind_in_its_order_with_its_options() -> None:
    kind = kind_of("weekly")
    Section.objects.filter(kind=kind).exclude(code__in=["summary", "scorecard"]).delete()
    Section.objects.filter(kind=kind, code="summary").update(position=90, options={"movers": 1})
    pack = frozen_pack(a_site())
    assert [one["code"] for one in pack.data["sections"]] == ["scorecard", "summary"]
    assert len(blocks_of(pack, "summary")["movers"].rows) == 1


def test_what_waits_is_frozen_oldest_first_and_once() -> None:
    PackFactory.create_batch(2)
    assert (freeze_packs(), freeze_packs()) == (2, 0)
    pack = Pack.objects.order_by("pk")[0]
    assert not freeze(pack.pk), "it is frozen already"
    assert pack.data["made"]["revision"] == 1


def test_what_fails_says_so_is_tried_again_and_stops_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    pack = PackFactory.create()

    def broken(*_args: object) -> None:
        Line.objects.create(pack=pack, section="scorecard", key="half")
        raise RuntimeError("no")

    with monkeypatch.context() as patched:
        patched.setattr(freezing, "data_of", broken)
        assert [freeze_packs() for _at in range(MOST_ATTEMPTS + 2)] == [0] * (MOST_ATTEMPTS + 2)
    pack.refresh_from_db()
    assert (pack.state, pack.attempts, pack.error) == ("waiting", MOST_ATTEMPTS, "RuntimeError")
    assert not Line.objects.exists(), "nothing is half written"
    assert freeze_packs() == 0
    try_again(pack)
    assert freeze_packs() == 1
    pack.refresh_from_db()
    assert (pack.state, pack.error) == ("draft", "")


def test_days_that_are_being_counted_anew_are_waited_for_but_not_for_ever() -> None:
    here, there = PackFactory.create(), PackFactory.create()
    mark_dirty([(here.site_id, here.last_day), (there.site_id, here.first_day - timedelta(days=1))])
    assert freeze_packs() == 1, "another week's figures hold nothing up"
    mark_dirty([(here.site_id, here.last_day)])
    Pack.objects.filter(pk=here.pk).update(created_at=timezone.now() - PATIENCE)
    assert freeze_packs() == 1


def test_queries_do_not_grow_with_lines_and_days() -> None:
    small = PackFactory.create()
    with CaptureQueriesContext(connection) as few:
        freeze(small.pk)
    large = PackFactory.create(site=a_site())
    with CaptureQueriesContext(connection) as many:
        freeze(large.pk)
    assert len(many) <= len(few) + 8
    assert not any(
        isinstance(one, Note) and one.tone == "warn"
        for one in blocks_of(Pack.objects.get(pk=large.pk), "scorecard").values()
    )
