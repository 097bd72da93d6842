"""What is wrong with a file is said by line and column, in words, and nothing of it is written."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from kpis.importing import Upload, import_facts
from kpis.models import ContactInterval
from tests.kpis.importing import CONTACTS, HEADING, agent, contacts, default, said, site, written

pytestmark = pytest.mark.django_db
NINE = "2026-11-02 09:00"
GOOD = ("CD1", "VOICE", NINE, 10, 8, 7, 2, 2400)


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        (("CD9", *GOOD[1:]), "site", "“CD9” is no site that this file may speak of"),
        (("", *GOOD[1:]), "site", "is missing"),
        (("CD1", "FAX", *GOOD[2:]), "queue", "“FAX” is no queue of the site"),
        (("CD1", "", *GOOD[2:]), "queue", "is missing"),
        (("CD1", "VOICE", "10", NINE, 8, 7, 2, 0), "starts_at", "holds the number “10” where a time belongs; are columns swapped?"),
        ((*GOOD[:3], NINE, 8, 7, 2, 0), "offered", "holds the date or time “2026-11-02 09:00” where a number belongs; are columns swapped?"),
        (("CD1", "VOICE", "yesterday", *GOOD[3:]), "starts_at", "“yesterday” is not a time that the mapping knows"),
        (("CD1", "VOICE", "2062-11-02 09:00", *GOOD[3:]), "starts_at", "“2062-11-02 09:00” is not between 2000 and a year from now"),
        ((*GOOD[:3], "10,5", 8, 7, 2, 0), "offered", "“10,5” has a decimal comma; the mapping says decimal point"),
        ((*GOOD[:3], "1,234", 8, 7, 2, 0), "offered", "“1,234” has separators; write the number without them"),
        ((*GOOD[:4], "80%", 7, 2, 0), "answered", "“80%” is a percentage; a count belongs here"),
        ((*GOOD[:4], "0.8", 7, 2, 0), "answered", "“0.8” is a share; a count belongs here"),
        ((*GOOD[:4], "8.5", 7, 2, 0), "answered", "“8.5” is not a whole number"),
        ((*GOOD[:4], "many", 7, 2, 0), "answered", "“many” is not a number"),
        ((*GOOD[:4], "NaN", 7, 2, 0), "answered", "“NaN” is too large"),
        ((*GOOD[:4], "99999999999", 7, 2, 0), "answered", "“99999999999” is too large"),
        ((*GOOD[:3], "", 8, 7, 2, 0), "offered", "is missing"),
        ((*GOOD[:4], 11, 7, 0, 0), "answered", "Answered (11) is more than Offered (10)"),
        ((*GOOD[:5], 9, 2, 0), "answered_in_t", "Answered in time (9) is more than Answered (8)"),
        ((*GOOD[:6], 3, 0), "abandoned", "together with Answered it comes to 11, more than Offered (10)"),
        ((*GOOD[:7], -1), "talk", "Talk is -1; it cannot be below 0"),
        ((*GOOD[:7], "1\0"), "talk", "contains a NUL character"),
    ],
)  # fmt: skip
def test_a_bad_row(tmp_path: Path, row: Iterable[Any], column: str, message: str) -> None:
    site()
    assert said(contacts(tmp_path, row)) == [(2, column, message)]
    assert ContactInterval.objects.count() == 0


def test_rows_that_are_none(tmp_path: Path) -> None:
    site()
    path = tmp_path / "c.csv"
    path.write_bytes(b"site,queue,starts_at,offered\nCD1,VOICE\n\nCD1,VOICE,2026-11-02 09:00,\xff\n")
    mapping = CONTACTS | {"fields": {name: {"column": name} for name in HEADING[:4]}}
    assert import_facts(Upload(path, mapping)).made.errors == 2
    (tmp_path / "c.jsonl").write_text('{"site": "CD1", "queue": "VOICE", "starts_at": "2026-11-02 09:00", "offered": 1}\n[]\n{\n{"site": [1]}\n')  # fmt: skip
    assert said(import_facts(Upload(tmp_path / "c.jsonl", mapping))) == [
        (2, "", "is not a JSON object"),
        (3, "", "is not JSON"),
        (4, "site", "holds a list or an object where a value belongs"),
    ]


def test_intervals_that_overlap_in_the_file(tmp_path: Path) -> None:
    site()
    outcome = contacts(tmp_path, GOOD, ("CD1", "VOICE", "2026-11-02 09:15", *GOOD[3:]), GOOD, mode="good")
    assert set(said(outcome)) == {
        (3, "starts_at", "the interval overlaps that of row 4"),
        (4, "starts_at", "the same as in row 2 is said again"),
    }
    assert ContactInterval.objects.count() == 1


def test_intervals_that_overlap_what_stands(tmp_path: Path) -> None:
    site()
    contacts(tmp_path, GOOD)
    late = ("CD1", "VOICE", "2026-11-02 09:15", *GOOD[3:])
    assert said(contacts(tmp_path, late)) == [(2, "starts_at", "the interval overlaps one that was imported before")]
    early = ("CD1", "VOICE", "2026-11-02 08:45", *GOOD[3:])
    assert said(contacts(tmp_path, early)) == [(2, "starts_at", "the interval overlaps one that was imported before")]
    quarters = CONTACTS | {"interval": 15}
    halved = contacts(tmp_path, GOOD, late, mapping=quarters)
    assert (halved.made.replaced, halved.made.added) == (1, 1), "the half hour is corrected to two quarters"


def test_the_hour_that_comes_twice_and_the_one_that_does_not(tmp_path: Path) -> None:
    site("BRN", "Europe/Bratislava")
    autumn = [("BRN", "VOICE", f"2026-10-25 {time}", n, "", "", "", "") for n, time in enumerate(("01:30", "02:00", "02:30", "02:00", "02:30", "03:00"))]  # fmt: skip
    assert contacts(tmp_path, *autumn).made.added == 6
    found = ContactInterval.objects.order_by("starts_at").values_list("starts_at", "offered")
    assert [(at.strftime("%H:%M"), n) for at, n in found] == [("23:30", 0), ("00:00", 1), ("00:30", 2), ("01:00", 3), ("01:30", 4), ("02:00", 5)]  # fmt: skip
    once = ("BRN", "VOICE", "2025-10-26 02:30", 1, "", "", "", "")
    assert said(contacts(tmp_path, once)) == [
        (2, "starts_at", "“2025-10-26 02:30” happened twice, as clocks were put back, and comes only once here; give both or write the offset")
    ]  # fmt: skip
    assert contacts(tmp_path, (*once[:2], "2025-10-26T02:30+01:00", *once[3:])).made.added == 1
    spring = ("BRN", "VOICE", "2026-03-29 02:30", 1, "", "", "", "")
    assert said(contacts(tmp_path, spring)) == [
        (2, "starts_at", "“2026-03-29 02:30” did not happen: clocks were put forward over that hour")
    ]


def test_nothing_offered_is_a_fact(tmp_path: Path) -> None:
    site()
    assert contacts(tmp_path, ("CD1", "VOICE", NINE, 0, 0, 0, 0, 0)).made.added == 1


def test_surveys_agents_and_components_that_are_none(tmp_path: Path) -> None:
    agent(site(), "E1")
    rows = [
        ("CD1", "E2", "r1", "nps", NINE, 9),
        ("CD1", "E1", "r2", "nps", NINE, 11),
        ("CD1", "", "r3", "ces", NINE, 1),
    ]
    path = written(tmp_path / "s.csv", ("site", "agent", "response", "survey", "responded_at", "score"), rows)
    assert said(import_facts(Upload(path, default("surveys")))) == [
        (2, "agent", "“E2” is nobody whom the site's partner employs"),
        (3, "score", "11 is not on the scale of this survey"),
        (4, "survey", "“ces” is not in the mapping's table"),
    ]
    path = written(tmp_path / "f.csv", ("site", "day", "component", "value"), [("CD1", "2026-11-02", "moods", 1)])
    assert said(import_facts(Upload(path, default("figures")))) == [
        (2, "component", "“moods” is no component that is set up")
    ]
