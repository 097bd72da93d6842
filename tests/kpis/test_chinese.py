"""What Chinese readers see: their own punctuation, months and quarters by name, and no code of ours."""

import re
from datetime import date
from html import unescape

import pytest
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from kpis.actions import exclusions, recompute
from kpis.models import Batch, KpiVersion
from kpis.rules.periods import containing
from kpis.wording.contracts import refusal
from kpis.wording.formulas import formula_text
from kpis.wording.imports import batch_text
from kpis.wording.periods import period_text
from portal.accounts.queries import actor_for
from portal.audit.wording import joined, labelled, listed, sentences, statements
from portal.ui.charts.words import Words
from portal.ui.forms import UNCHOSEN
from portal.ui.templatetags.charts import words
from tests.kpis.contract_world import World
from tests.kpis.test_exclusions import propose

pytestmark = pytest.mark.django_db

# Half-width punctuation beside a Chinese character.
HALF = re.compile(r"[\u4e00-\u9fff][,;:!?]|[,;:!?]\s?[\u4e00-\u9fff]")


def test_what_is_put_together_is_put_together_in_the_readers_way() -> None:
    assert joined("Chengdu", "", "October 2026") == "Chengdu, October 2026"
    assert labelled("Chengdu", "12") == "Chengdu: 12"
    assert sentences("One.", "", "Two.") == "One. Two."
    assert statements(["one", "two"]) == "one; two"
    with translation.override("zh-hans"):
        assert joined("成都", "", "2026 年 10 月") == "成都，2026 年 10 月"
        assert labelled("成都", "12") == "成都：12"
        assert sentences("一。", "", "二。") == "一。二。"
        assert statements(["一", "二"]) == "一；二"
        assert listed(["成都", "大连"]) == "成都、大连"


def test_a_chart_speaks_with_the_readers_punctuation() -> None:
    assert Words().said("Week 46", "84.1%", "", "above the upper limit") == "Week 46: 84.1%, above the upper limit"
    with translation.override("zh-hans"):
        assert words().said("第 46 周", "84.1%", "高于上限") == "第 46 周：84.1%，高于上限"
        assert words().semicolon == "；"


def test_a_quarter_has_a_name() -> None:
    quarter = containing("quarter", date(2026, 11, 3))
    assert period_text(quarter) == "2026 Q4"
    with translation.override("zh-hans"):
        assert period_text(quarter) == "2026 年第 4 季度"


def test_a_month_in_a_refusal_has_a_name() -> None:
    assert "October 2026" in refusal("months_frozen", {"month": date(2026, 10, 1)})
    with translation.override("zh-hans"):
        assert "2026 年 10 月" in refusal("months_frozen", {"month": date(2026, 10, 1)})


def test_what_another_wing_hands_in_is_called_by_words() -> None:
    batch, labels = Batch(source="portal", name="cases 2026-11-22 sla_met"), {"sla_met": "Promises kept"}
    assert batch_text(batch, labels) == "Cases, 22 Nov 2026: Promises kept"
    assert batch_text(batch, {}) == "Cases, 22 Nov 2026: sla_met"
    assert batch_text(Batch(source="portal", name="cases today sla_met"), labels) == "Cases, today: Promises kept"
    assert batch_text(Batch(source="facts", name="cases 2026-11-22 sla_met"), labels) == "cases 2026-11-22 sla_met"
    with translation.override("zh-hans"):
        assert batch_text(batch, {"sla_met": "按时案件"}) == "案件，2026 年 11 月 22 日：按时案件"


def _said(browser: Client, path: str) -> str:
    """What a page says, between its tags, in its main part."""
    response = browser.get(path)
    assert response.status_code == 200, path
    page = response.content.decode().partition("<main")[2].partition("</main>")[0]
    page = re.sub(r"<(script|style|svg).*?</\1>", "", page, flags=re.S)
    return unescape(re.sub(r"<[^>]*>", "", page))


def test_pages_of_agreements_have_no_half_width_punctuation_and_no_month_in_digits() -> None:
    world = World()
    world.usual()
    world.site.name_zh, world.site.partner.name_zh = "成都", "蓝浪"
    world.site.save()
    world.site.partner.save()
    held = propose(world)
    exclusions.decide(actor=actor_for(world.manager), pk=held.pk, verdict="approved", answer="")
    while recompute():
        pass
    browser = Client()
    world.manager.language = "zh-hans"
    world.manager.save()
    browser.force_login(world.manager)
    code, site = world.contract.code, world.site.code
    month = f"/performance/results/{site}/2026-09/"
    assert browser.post(f"{month}invoice/", {"amount": "1000", "currency": "EUR"}).status_code == 302
    assert browser.post(f"{month}freeze/").status_code == 302
    for path in (
        "/performance/contracts/", f"/performance/contracts/{code}/", f"/performance/contracts/{code}/v/1/",
        f"/performance/contracts/{code}/what-if/", "/performance/results/?month=2026-09", month,
        "/performance/exclusions/?state=all", f"/performance/exclusions/{held.pk}/",
        "/performance/?period=2026-09", f"/performance/sites/{site}/?period=2026-Q3", "/performance/imports/",
    ):  # fmt: skip
        said = _said(browser, path)
        assert HALF.findall(said) == [], path
        assert re.findall(r"\b20\d\d-\d\d\b", said) == [], path


def test_a_file_of_bad_rows_is_in_the_readers_language() -> None:
    world = World()
    world.manager.language = "zh-hans"
    world.manager.save()
    batch = Batch.objects.create(
        kind="contacts", source="facts", name="bad.csv", digest="d", state="checked", user=world.manager
    )
    batch.row_faults.create(row=13, column="offered", code="percent", params={"value": "85%"})
    browser = Client()
    browser.force_login(world.manager)
    text = browser.post(f"/performance/imports/{batch.pk}/export/").getvalue().decode()
    assert "13,offered,“85%”是百分比；此处应为数量" in text


def test_a_formula_has_the_readers_brackets_and_begins_with_what_is_added() -> None:
    first = KpiVersion(numerator={"short_abandoned": "-1", "abandoned": "1"}, denominator={"offered": "1"}, scale="1")
    assert formula_text(first, {}) == "(Abandoned − Short abandoned) ÷ Offered"
    with translation.override("zh-hans"):
        assert re.fullmatch(r"（\S+ − \S+）÷ \S+", formula_text(first, {}))


def test_what_nobody_chose_yet_is_not_english() -> None:
    with translation.override("zh-hans"):
        assert gettext(UNCHOSEN) == "请选择"
