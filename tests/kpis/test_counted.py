"""What opens beside a figure: how it was counted, whatever its names hold."""

from datetime import date
from types import SimpleNamespace
from typing import Any

from django.template import Context, Template
from django.test import RequestFactory

from kpis.rules.periods import containing
from kpis.views.asked import Asked
from kpis.views.markup import markup_of

HOW = SimpleNamespace(
    formula="A ÷ <b>", number=2, days="from 1 Oct 2026", parameters=[("Threshold", "20")], reason="new & better"
)
NOTHING: dict[str, Any] = {
    "why": "",
    "denominator": "",
    "n": "",
    "interval": "",
    "before": None,
    "earlier": "",
    "verdict": "",
    "over": "",
    "settles": "",
}


def drawn(**given: Any) -> str:
    kpi = SimpleNamespace(label='Level "a" <b>')
    page = Template('{% include "kpis/_how.html" %}')
    return page.render(Context({"counted": SimpleNamespace(kpi=kpi, hows=[HOW], **given)}))


def linked(name: str, where: str) -> str:
    markup = markup_of(
        RequestFactory().get("/?by=queue&kpi=x&how=y"), Asked(containing("month", date(2026, 10, 5)), kpi="x")
    )
    return markup.link("CTU-level", name, where)


def test_it_names_formula_version_and_what_was_counted() -> None:
    entry = SimpleNamespace(
        **{**NOTHING, "value": "81.2%", "numerator": "812", "denominator": "1,000", "verdict": "Watch"},
    )
    body = drawn(where="Chengdu", entry=entry)
    assert "Version 2, from 1 Oct 2026 · Threshold 20 · new &amp; better" in body
    assert "<dt>Numerator</dt><dd>812</dd><dt>Denominator</dt><dd>1,000</dd>" in body
    assert "<dt>Status</dt><dd>Watch</dd>" in body
    assert "<dt>n</dt>" not in body


def test_it_says_over_how_many_days_and_until_when_it_may_change() -> None:
    more = {"value": "81.2%", "numerator": "812", "over": "over 20 days", "settles": "7 Dec 2026"}
    body = drawn(where="", entry=SimpleNamespace(**{**NOTHING, **more}))
    assert "<dt>Counted</dt><dd>over 20 days</dd>" in body
    assert "<dt>Provisional</dt><dd>It may still change until 7 Dec 2026.</dd>" in body


def test_the_way_there_is_the_same_view() -> None:
    assert 'href="?by=queue&amp;period=2026-10&amp;kpi=x&amp;how=CTU-level"' in linked("Level", "Chengdu")


def test_names_are_text() -> None:
    body = drawn(where="<i>", entry=None)
    assert "<b>Level &quot;a&quot; &lt;b&gt;</b>" in body
    assert '<span class="muted">&lt;i&gt;</span>' in body
    assert 'aria-label="How A &lt;b&gt; is counted, &lt;i&gt;"' in linked("A <b>", "<i>")
    assert '<span class="formula">A ÷ &lt;b&gt;</span>' in body
    assert "<dl" not in body


def test_without_a_figure_it_says_why() -> None:
    entry = SimpleNamespace(**{**NOTHING, "value": "–", "why": "Not measured here", "numerator": "7"})
    body = drawn(where="", entry=entry)
    assert "<dt>No figure</dt><dd>Not measured here</dd>" in body
    assert "Numerator" not in body
