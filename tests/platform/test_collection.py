"""What the test run refuses and leaves out."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from tests import conftest

HERE = Path(__file__)


def item(
    name: str, *, fixtures: tuple[str, ...] = (), mark: pytest.MarkDecorator | None = None, path: Path = HERE
) -> pytest.Item:
    """As much of a collected test as the hook looks at."""

    def closest(wanted: str) -> pytest.Mark | None:
        return mark.mark if mark is not None and mark.name == wanted else None

    return cast(
        "pytest.Item", SimpleNamespace(nodeid=name, path=path, fixturenames=list(fixtures), get_closest_marker=closest)
    )


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


def test_each_half_begins_with_long_tests_and_files_stay_whole(pytestconfig: pytest.Config) -> None:
    """Two workers get a half each."""
    files = {"a": ("short", "sla/test_a.py"), "b": ("long", "web/test_b.py"), "c": ("long", "demo/test_c.py")}
    files |= {"d": ("short", "sla/test_d.py"), "e": ("short", "sla/test_e.py")}
    items = [item(f"{key}{n}", path=Path(path)) for key, (_length, path) in files.items() for n in (1, 2)]
    conftest.pytest_collection_modifyitems(pytestconfig, items)
    assert [one.nodeid for one in items] == ["b1", "b2", "a1", "a2", "d1", "c1", "c2", "d2", "e1", "e2"]
