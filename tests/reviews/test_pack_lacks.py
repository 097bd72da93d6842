"""A period without figures, or with half of them: the page and every file say which days and which sections lack them."""

from datetime import date

import openpyxl
import pytest
from django.utils import translation
from pptx import Presentation

from portal.accounts.choices import Role
from reviews.models import Pack
from reviews.queries.sections import SECTIONS
from reviews.rendering import pdf, render
from reviews.rendering.shown import section_title
from reviews.rendering.view import view_of
from tests.factories.kpis import contract
from tests.factories.partners import SiteFactory
from tests.factories.reviews import kind_of

from .pack_world import browser, member
from .packing import a_site, frozen_pack
from .test_pack_pages import body, url

pytestmark = pytest.mark.django_db
LACKING = "Sections without these figures: Summary, Scorecard, Trends, Volume."


def page(pack: Pack) -> str:
    return body(browser(member(Role.COORDINATOR, site=pack.site)).get(url("pack", pack)))


def files(pack: Pack) -> dict[str, str]:
    """All words of each format."""
    fresh = Pack.objects.select_related("kind", "site__partner", "partner").get(pk=pack.pk)
    with translation.override("en"):
        found = {"pdf": pdf.markup(view_of(fresh))}
    with render(fresh, "xlsx", "en") as file:
        found["xlsx"] = " ".join(
            str(cell) for sheet in openpyxl.load_workbook(file) for row in sheet.values for cell in row
        )
    with render(fresh, "pptx", "en") as file:
        shapes = [shape for slide in Presentation(file).slides for shape in slide.shapes]
    found["pptx"] = " ".join(shape.text_frame.text for shape in shapes if shape.has_text_frame)
    return found


@pytest.mark.parametrize(("kind", "said", "days"), [
    ("weekly", "No figures for this week.", ("2026-11-09", "2026-11-15")),
    ("monthly", "No figures for this month.", ("2026-10-01", "2026-10-31")),
    ("quarterly", "No figures for this quarter.", ("2026-07-01", "2026-09-30")),
])  # fmt: skip
def test_a_period_without_figures_says_so_in_the_scorecards_place(kind: str, said: str, days: tuple[str, str]) -> None:
    site = SiteFactory.create(name="Dalian")
    contract([site])
    first, last = map(date.fromisoformat, days)
    pack = frozen_pack(site, kind=kind_of(kind), first_day=first, last_day=last)
    text = page(pack)
    assert f"Scorecard {said}" in text.partition("Acknowledged")[2]
    assert "Dalian: there are no figures of this period." in text
    titles = [section_title(one["code"]) for one in pack.data["sections"] if SECTIONS[one["code"]].daily]
    lacking = f"Sections without these figures: {', '.join(titles)}."
    assert "Scorecard" in titles
    assert lacking in text
    assert "There are no figures to show over time." in text or "Trends" not in titles
    for form, words in files(pack).items():
        assert said in words, form
        assert "Dalian: there are no figures of this period." in words, form
        assert lacking in words, form


def test_half_a_week_names_the_days_and_the_sections() -> None:
    pack = frozen_pack(a_site(name="Cebu", last=date(2026, 11, 11)))
    lacks = "Cebu: no figures of 12 Nov – 15 Nov; days without: 4."
    text = page(pack)
    assert lacks in text
    assert LACKING in text
    for form, words in files(pack).items():
        assert lacks in words, form
        assert LACKING in words, form


def test_a_whole_week_lacks_nothing() -> None:
    codes = {one["code"] for one in frozen_pack(a_site()).missing}
    assert not codes & {"no_data", "absent_days", "half_a_period", "lacking_sections"}


def test_packs_that_said_it_in_other_words_are_read_still() -> None:
    pack = frozen_pack(SiteFactory.create(name="Dalian"))
    params = {"site": {"en": "Dalian", "zh": ""}, "first_day": "2026-11-09", "last_day": "2026-11-11", "count": 4}
    pack.missing = [{"code": "half_a_period", "params": params}]
    with translation.override("en"):
        (said,) = view_of(pack).missing
    assert said == "Dalian: figures reach from 9 Nov to 11 Nov only, or have gaps; days without: 4."
