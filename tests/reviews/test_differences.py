"""What a revision of a pack changed, cell by cell."""

from typing import Any

from reviews.blocks import Bars, Column, Note, Point, Row, Series, Table, Text, frozen
from reviews.rules.differences import Difference, differences

COLUMNS = [Column("kpi", Text("KPI")), Column("value", Text("Value"), "number"), Column("n", Text("Sample"), "number")]


def data(*blocks: Any, code: str = "scorecard") -> dict[str, Any]:
    return {"sections": [{"code": code, "blocks": [frozen(one) for one in blocks]}]}


def lines(*rows: Row) -> Table:
    return Table("lines", Text("Lines"), COLUMNS, rows)


def row(key: str, value: str | None, n: int = 10, rag: str = "") -> Row:
    return Row(key, [Text(key.upper()), value, n], unit="percent", rag=rag)


def changed(before: Any, after: Any) -> list[tuple[str, str, str, Any, Any]]:
    return [(one.block, one.row, one.what, one.before, one.after) for one in differences(before, after)]


def test_nothing_changed() -> None:
    same = data(lines(row("sl", "0.61")), Note("said", Text("A week.")))
    assert differences(same, same) == []
    assert differences({}, {}) == []


def test_cells_and_verdicts_that_changed() -> None:
    before, after = (
        data(lines(row("sl", "0.61", rag="r"), row("asa", "9"))),
        data(lines(row("sl", "0.71", 12, "a"), row("asa", "9"))),
    )
    assert changed(before, after) == [
        ("lines", "sl", "value", "0.61", "0.71"), ("lines", "sl", "n", 10, 12), ("lines", "sl", "rag", "r", "a"),
    ]  # fmt: skip
    one = differences(before, after)[0]
    assert isinstance(one, Difference)
    assert (one.section, one.title.en, one.name.en, one.label.en, one.unit) == (
        "scorecard",
        "Lines",
        "SL",
        "Value",
        "percent",
    )


def test_rows_blocks_and_sections_that_came_or_went() -> None:
    before, after = data(lines(row("sl", "0.61"))), data(lines(row("asa", "9")), Note("said", Text("New.")))
    assert changed(before, after) == [
        ("lines", "sl", "gone", None, None), ("lines", "asa", "new", None, None), ("said", "", "new", None, None),
    ]  # fmt: skip
    assert changed(before, data(lines(row("sl", "0.61")), code="access")) == [
        ("", "", "gone", None, None), ("", "", "new", None, None),
    ]  # fmt: skip


def test_points_bars_and_notes() -> None:
    def made(last: str | None, target: str, bar: str, text: str) -> dict[str, Any]:
        points = [Point("2026-W45", "1"), Point("2026-W46", last)]
        return data(
            Series("sl:weeks", Text("SL"), "percent", points, target=target),
            Bars("days", Text("Days"), "number", [Text("Mon")], [(Text("Offered"), [bar])]), Note("said", Text(text)),
        )  # fmt: skip

    before, after = made("2", "3", "4", "A"), made(None, "3.5", "5", "B")
    assert changed(before, after) == [
        ("sl:weeks", "2026-W46", "value", "2", None), ("sl:weeks", "", "target", "3", "3.5"),
        ("days", "0:0", "value", "4", "5"), ("said", "", "text", Text("A"), Text("B")),
    ]  # fmt: skip
