"""Mappings say what is wrong with them, and where."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from escalations.importing.schema import CaseMappingSchema
from portal.imports.errors import ImportRefused
from portal.imports.mapping import FieldMapping, Mapping, load_mapping
from portal.imports.values import ColumnError, value_of

GOOD: dict[str, Any] = {
    "source": "a-log",
    "kind": "cases",
    "time_zone": "America/Sao_Paulo",
    "dates": ["%d/%m/%Y %H:%M"],
    "missing": ["?", ""],
    "key": "id",
    "fields": {
        "opened_at": {"column": "opened", "kind": "instant"},
        "state": {"column": "state", "table": {"Open": "new"}},
        "service": {"default": "desk"},
        "subject": {"columns": ["a", "b"], "join": " / "},
    },
}


def load(tmp_path: Path, **changes: Any) -> Mapping:
    path = tmp_path / "m.yml"
    path.write_text(yaml.safe_dump(GOOD | changes))
    return load_mapping(path, CaseMappingSchema)


def test_a_good_mapping_names_every_column_it_needs(tmp_path: Path) -> None:
    assert load(tmp_path).columns() == {"id", "opened", "state", "a", "b"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"source": "No Such Thing!"}, "source"),
        ({"kind": "poems"}, "kind"),
        ({"kind": "events"}, "an event log needs `event`"),
        ({"surprise": 1}, "surprise"),
        ({"fields": {"opened_at": {"column": "x"}}}, "missing: service, state, subject"),
        ({"fields": GOOD["fields"] | {"mood": {"default": 1}}}, "unknown: mood"),
        ({"fields": GOOD["fields"] | {"severity": {}}}, "give `column`, `columns` or `default`"),
        ({"fields": GOOD["fields"] | {"severity": {"column": "a", "columns": ["b"]}}}, "not both"),
        ({"fields": GOOD["fields"] | {"site": {"column": "a"}}}, "sites need `partner`"),
        ({"fields": GOOD["fields"] | {"severity": {"column": "a", "kind": "tensor"}}}, "kind"),
    ],
)
def test_faults_are_named(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ImportRefused, match=message):
        load(tmp_path, **changes)


@pytest.mark.parametrize(
    "content", [b"", b"- 1\n- 2\n", b"a: [", b"\xff\xfe\x00", b"!!python/object:os.system {}", b"x" * 300_000]
)
def test_what_is_no_mapping_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.yml"
    path.write_bytes(content)
    with pytest.raises(ImportRefused):
        load_mapping(path, CaseMappingSchema)


def test_values_are_read_in_the_mappings_zone(tmp_path: Path) -> None:
    mapping = load(tmp_path)
    found = value_of(mapping, mapping.fields["opened_at"], {"opened": "29/2/2016 01:16"})
    assert found == datetime(2016, 2, 29, 4, 16, tzinfo=UTC)
    assert value_of(mapping, mapping.fields["subject"], {"a": "x", "b": "?"}) == "x"


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        ("opened_at", "30/02/2016 01:00", "not a date"),
        ("opened_at", "01/01/9999 00:00", "not a date"),
        ("opened_at", "yesterday", "not a date"),
        ("state", "Lost", "not in the mapping's table"),
    ],
)
def test_a_bad_value_names_its_column(tmp_path: Path, field: str, text: str, reason: str) -> None:
    mapping = load(tmp_path)
    with pytest.raises(ColumnError, match=reason) as caught:
        value_of(mapping, mapping.fields[field], {"opened": text, "state": text})
    assert caught.value.column == mapping.fields[field].columns[0]


@given(text=st.text(max_size=40), kind=st.sampled_from(["text", "integer", "boolean", "instant", "date"]))
def test_any_text_is_a_value_or_a_column_error(text: str, kind: str) -> None:
    from zoneinfo import ZoneInfo

    mapping = Mapping("s", ZoneInfo("UTC"), ("%Y-%m-%d", "%d/%m/%Y %H:%M"), frozenset({""}), "k", {}, {}, {})
    found: object
    try:
        found = value_of(mapping, FieldMapping(columns=("c",), kind=kind), {"c": text})
    except ColumnError as error:
        found = (error.column, bool(error.reason))
    assert not isinstance(found, tuple) or found == ("c", True)
