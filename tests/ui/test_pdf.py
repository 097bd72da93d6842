"""Markup as PDF: drawings carry their style, nothing is fetched, a machine without Pango is told."""

import builtins
import socket
from typing import Any

import pytest
from django.template import Context, Template

from portal.ui.charts import LineChart, Point, Series
from portal.ui.pdf import NoPangoError, drawable, laid_out, to_pdf


def test_drawings_take_their_style_along_and_keys_stay_small() -> None:
    now, before = (Series(name, (Point("1", 3.0), Point("2", 4.0))) for name in ("Calls", "Before"))
    chart = LineChart(title="Calls", description="More.", series=(now, before))
    page = Template("{% load charts %}<script>x</script><link rel=stylesheet href=/a.css>{% chart c %}").render(
        Context({"c": chart})
    )
    text = drawable(page)
    assert text.count("<svg") == text.count("<style>") > 1
    assert 'class="plot swatch"' in text
    assert "<script" not in text
    assert "<link" not in text


def test_what_a_page_names_is_never_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_args: Any, **_kwargs: Any) -> None:
        raise AssertionError("it asked another machine")

    monkeypatch.setattr(socket, "getaddrinfo", asked)
    monkeypatch.setattr(socket.socket, "connect", asked)
    markup = (
        '<link rel=stylesheet href="https://x.example/a.css"><style>@import "https://x.example/b.css";</style>'
        '<img src="https://x.example/c.png"><img src="file:///etc/hostname"><p style="background:url(//x.example/d)">宿务 Cebu</p>'
    )
    assert to_pdf(markup).startswith(b"%PDF-")
    assert len(laid_out(markup).pages) == 1


def test_without_pango_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.__import__", _without_pango)
    with pytest.raises(NoPangoError, match=r"operations\.md: Pango is missing here"):
        to_pdf("<p>x</p>")


_import = builtins.__import__


def _without_pango(name: str, *args: Any, **kwargs: Any) -> Any:
    if name.startswith("weasyprint"):
        raise OSError("Pango is missing here")
    return _import(name, *args, **kwargs)
