"""A pack as a PDF: a cover, then a section after another, with charts, page numbers and the hash on each page."""

from collections.abc import Iterable, Mapping
from typing import IO, Any, Final

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language

from portal.ui import pdf

from ..blocks import Bars, Block, Column, Note, Row, Series, Table
from ..wording.cells import WRITTEN, cell_text
from ..wording.packs import told
from .arranged import arranged
from .drawn import chart_of
from .view import PackView

SHEETS: Final = (pdf.STYLE_SHEET, settings.BASE_DIR / "static" / "css" / "pdf-pack.css")
_LONG_WORD: Final = 24
#: Three rows of charts have room on a page.
_CHART: Final = 138


def write(view: PackView, file: IO[bytes]) -> None:
    """The PDF into a file, in the language now active. Raises NoPangoError where it cannot be drawn."""
    file.write(pdf.to_pdf(markup(view), SHEETS))


def markup(view: PackView) -> str:
    """What is drawn."""
    sections = [
        {
            "title": one.title,
            "code": one.code,
            "groups": [[_shown(each, view.zone) for each in group] for group in arranged(one.blocks)],
        }
        for one in view.sections
    ]
    signed = [_table(one, view.zone) for one in view.signed]
    return render_to_string(
        "reviews/pdf/pack.html",
        {"view": view, "sections": sections, "signed": signed, "lang": get_language(), "chapters": [one.title for one in view.sections]},
    )  # fmt: skip


def _shown(block: Block, zone: str) -> Mapping[str, Any]:
    match block:
        case Table():
            return _table(block, zone)
        case Series() | Bars():
            wide = isinstance(block, Bars)
            return {
                "type": "chart",
                "title": told(block.title),
                "chart": chart_of(block, wide=wide, height=_CHART),
                "wide": wide,
            }
        case Note():
            return {"type": "note", "text": told(block.text), "tone": block.tone}


def _table(table: Table, zone: str) -> Mapping[str, Any]:
    rows: list[dict[str, Any]] = [
        {"key": row.key, "cells": [_cell(row, at, one, zone) for at, one in enumerate(table.columns)]}
        for row in table.rows
    ]
    head = [
        {
            "text": told(one.label),
            "number": one.kind not in WRITTEN,
            "breaks": _breaks(row["cells"][at]["text"] for row in rows),
        }
        for at, one in enumerate(table.columns)
    ]
    empty = told(table.empty) if table.empty else ""
    return {"type": "table", "key": table.key, "title": told(table.title), "head": head, "rows": rows, "empty": empty}  # fmt: skip


def _breaks(texts: Iterable[str]) -> bool:
    """Whether a word is so long that it has to be broken to leave room for others."""
    return any(len(word) > _LONG_WORD and word.isascii() for text in texts for word in text.split())


def _cell(row: Row, at: int, column: Column, zone: str) -> Mapping[str, Any]:
    toned = row.rag if column.key in {"value", "rag"} else ""
    text = cell_text(row.cells[at], column, row, zone)
    return {
        "text": text,
        "number": column.kind not in WRITTEN,
        "rag": toned,
        "breaks": _breaks([text]),
        "whole": column.kind in {"day", "instant"},
    }
