"""What is said of a row that is wrong."""

import pytest

from kpis.wording.faults import fault_text


@pytest.mark.parametrize("code", ["unknown_site", "unknown_queue", "unknown_agent"])
@pytest.mark.parametrize("value", ["2026-05-04 09:00", "2026/5/4", "04.05.2026 09:00"])
def test_a_date_where_a_name_belongs_asks_for_swapped_columns(code: str, value: str) -> None:
    said = fault_text(code, {"value": value})
    assert value in said
    assert said.endswith("are columns swapped?")


def test_a_name_that_nobody_has_is_called_unknown() -> None:
    assert fault_text("unknown_site", {"value": "2026"}) == "“2026” is no site that this file may speak of"


def test_who_may_not_read_the_file_is_not_told_what_kind_of_value_it_was() -> None:
    said = fault_text("unknown_site", {"value": "2026-05-04"}, masked=True)
    assert said == "“…” is no site that this file may speak of"
