"""What the test run refuses and leaves out."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from tests import conftest


def item(name: str, *, fixtures: tuple[str, ...] = (), mark: pytest.MarkDecorator | None = None) -> pytest.Item:
    """As much of a collected test as the hook looks at."""

    def closest(wanted: str) -> pytest.Mark | None:
        return mark.mark if mark is not None and mark.name == wanted else None

    return cast("pytest.Item", SimpleNamespace(nodeid=name, fixturenames=list(fixtures), get_closest_marker=closest))


@pytest.mark.parametrize(
    "refused",
    [
        item("marked", mark=pytest.mark.django_db(transaction=True)),
        item("asked", fixtures=("transactional_db",)),
        item("served", fixtures=("db", "live_server")),
    ],
)
def test_a_test_that_would_flush_tables_is_refused(refused: pytest.Item, pytestconfig: pytest.Config) -> None:
    with pytest.raises(pytest.UsageError, match=f"fresh_database instead of flushing tables: {refused.nodeid}"):
        conftest.pytest_collection_modifyitems(pytestconfig, [refused, item("plain", mark=pytest.mark.django_db())])


def test_without_the_reference_data_its_tests_are_left_out_and_that_is_said(
    tmp_path: Path, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [item("reads", mark=pytest.mark.shared()), item("other")]
    monkeypatch.setattr(conftest, "SHARED", tmp_path / "missing")
    monkeypatch.setattr(pytestconfig.hook, "pytest_deselected", lambda items: None)
    conftest.pytest_collection_modifyitems(pytestconfig, items)
    assert [one.nodeid for one in items] == ["other"]
    assert "left out" in str(conftest.pytest_report_header())
