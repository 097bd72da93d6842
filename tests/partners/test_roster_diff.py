"""`manage.py roster_diff` on small files: who joins, moves, leaves, comes back, and what stops a row."""

import json
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from partners import queries
from partners.importing import run
from partners.models import Engagement, ExternalId, Person, Placement, Roster, Site, Team
from portal.accounts.rules import SYSTEM
from portal.audit.models import AuditEntry
from tests.factories.partners import (
    EngagementFactory,
    JobRoleFactory,
    PersonFactory,
    PlacementFactory,
    ProgrammeFactory,
    SiteFactory,
    TeamFactory,
    days,
)

pytestmark = pytest.mark.django_db
DEFAULT = Path(run.__file__).resolve().parent.parent / "mappings" / "default.yml"
HEAD = "employee_no,name,preferred_name,email,language,job_role,programme,team,lead,first_day,last_day\n"


@pytest.fixture
def site() -> Site:
    site = SiteFactory(code="CTU", partner__code="BW")
    hosts = ProgrammeFactory(site=site, name="Hosts", code="HOSTS")
    TeamFactory(programme=hosts, name="Lotus", name_zh="莲花")
    TeamFactory(programme=hosts, name="Bamboo")
    JobRoleFactory(code="LEAD")
    return site


def at(
    site: Site,
    number: str,
    name: str,
    team: str = "Lotus",
    role: str = "AGENT",
    lead: Person | None = None,
    **more: Any,
) -> Person:
    """Somebody at the site since 2024, with an employee number."""
    person = PersonFactory(name=name, email=more.pop("email", f"{number.lower()}@bw.example"))
    EngagementFactory(person=person, employer=site.partner, employee_number=number, **more)
    found = Team.objects.get(name=team, programme__site=site)
    PlacementFactory(
        person=person,
        site=site,
        team=found,
        programme=found.programme,
        job_role=JobRoleFactory(code=role),
        lead=lead,
        **more,
    )
    return person


def diff(tmp_path: Path, rows: str, *options: str, day: str = "2026-11-01") -> tuple[dict[str, int], str]:
    """The closing line of JSON, and what was said of bad rows."""
    path, out, err = tmp_path / "roster.csv", StringIO(), StringIO()
    path.write_text(HEAD + rows, encoding="utf-8")
    refused = ""
    try:
        call_command(
            "roster_diff",
            str(path),
            f"--mapping={DEFAULT}",
            "--site=CTU",
            f"--as-of={day}",
            "--json",
            *options,
            stdout=out,
            stderr=err,
        )
    except CommandError as error:
        refused = f"\n{error}"
    said = out.getvalue().strip().splitlines()
    return json.loads(said[-1]) if said else {}, err.getvalue() + refused


def counts(**known: int) -> dict[str, int]:
    return {"rows": 0, "joiners": 0, "movers": 0, "leavers": 0, "rehires": 0, "unchanged": 0, "errors": 0, **known}


def placed(person: Person) -> list[tuple[str, Any]]:
    rows = Placement.objects.filter(person=person, cancelled_at__isnull=True).order_by("period")
    return [(p.team.name if p.team else "", p.period) for p in rows]


def test_a_month_in_the_life_of_a_site(site: Site, tmp_path: Path) -> None:
    lin = at(site, "BW-1", "Lin Xia", role="LEAD")
    wang, zhao = at(site, "BW-2", "Wang Fang", lead=lin), at(site, "BW-3", "Zhao Min", lead=lin)
    li = PersonFactory(name="Li Yang", email="LI@bw.example")
    EngagementFactory(person=li, employer=site.partner, employee_number="BW-4", period=days("2024-01-01", "2025-01-01"))
    rows = (
        "BW-1,Lin Xia,,bw-1@bw.example,,Team lead,,Lotus,,,\n"
        "BW-2,Wang Fang,,wang@bw.example,,Agent,Hosts,Bamboo,Lin Xia,,\n"
        "BW-9,Li Yang,李洋,li@bw.example,中文,Agent,,莲花,bw-1@bw.example,2026-11-05,\n"
        "BW-10,Chen Jie,,chen@bw.example,,Agent,,Lotus,BW-11,2026-11-09,\n"
        "BW-11,Sun Hao,,sun@bw.example,,LEAD,,Lotus,,,2026-12-31\n"
    )
    wanted = counts(rows=5, joiners=2, movers=1, leavers=1, rehires=1, unchanged=1)
    assert diff(tmp_path, rows) == (wanted, "")
    assert not Roster.objects.exists()
    assert diff(tmp_path, rows, "--apply") == (wanted, "")

    assert placed(wang) == [("Lotus", days("2024-01-01", "2026-10-31")), ("Bamboo", days("2026-11-01"))]
    assert Person.objects.get(pk=wang.pk).email == "wang@bw.example"
    assert Placement.objects.get(person=wang, team__name="Bamboo").lead == lin
    assert (placed(zhao), zhao.engagements.get().last_day) == (
        [("Lotus", days("2024-01-01", "2026-10-31"))],
        date(2026, 10, 31),
    )
    li.refresh_from_db()
    assert (li.name, li.preferred_name, li.language) == ("Li Yang", "李洋", "zh-hans")
    assert [e.period for e in li.engagements.order_by("period")] == [
        days("2024-01-01", "2025-01-01"),
        days("2026-11-05"),
    ]
    chen = Person.objects.get(name="Chen Jie")
    assert chen.placements.get().lead == Person.objects.get(name="Sun Hao")
    assert Engagement.objects.get(person__name="Sun Hao").period == days("2026-11-01", "2026-12-31")

    roster = Roster.objects.get()
    changes = {Person.objects.get(pk=c.person_id).name: c for c in queries.roster_changes(roster.pk)}
    assert {name: c.kind for name, c in changes.items()} == {
        "Wang Fang": "mover", "Li Yang": "rehire", "Chen Jie": "joiner", "Sun Hao": "joiner", "Zhao Min": "leaver",
    }  # fmt: skip
    assert changes["Chen Jie"].first_day == date(2026, 11, 9)
    assert changes["Zhao Min"].last_day == date(2026, 10, 31)
    assert changes["Wang Fang"].changes["team"] == ["Lotus", "Bamboo"]
    assert not roster.proposals.exclude(cells={}).exists()


def test_every_change_is_audited_without_private_words(site: Site, tmp_path: Path) -> None:
    at(site, "BW-2", "Wang Fang")
    at(site, "BW-3", "Zhao Min")
    diff(tmp_path, "BW-2,Wang Fangfang,,,,,,Bamboo,,,\nBW-10,Chen Jie,,chen@bw.example,,,,Lotus,,,\n", "--apply")
    # What access makes of it has tests of its own.
    verbs = sorted(AuditEntry.objects.exclude(verb__regex="^access_|with_nothing$").values_list("verb", flat=True))
    assert verbs == sorted(
        ["roster.uploaded", "person.created", "person.changed", "placement.ended", "engagement.ended", "engagement.created",
         "placement.ended", "placement.created", "placement.created", "roster.applied"]
    )  # fmt: skip
    stored = str(list(AuditEntry.objects.values_list("changes", flat=True)))
    for private in ("Chen", "chen@", "BW-10", "Fangfang"):
        assert private not in stored


def test_the_same_file_twice_changes_nothing_and_says_so(site: Site, tmp_path: Path) -> None:
    rows = "BW-1,Lin Xia,,lin@bw.example,,LEAD,,Lotus,,,\nBW-2,Wang Fang,,w@bw.example,,,,Lotus,Lin Xia,2026-11-20,\n"
    assert diff(tmp_path, rows, "--apply")[0] == counts(rows=2, joiners=2)
    before = AuditEntry.objects.count()
    assert diff(tmp_path, rows, "--apply")[0] == counts(rows=2, unchanged=2)
    out = StringIO()
    path = str(tmp_path / "roster.csv")
    call_command("roster_diff", path, f"--mapping={DEFAULT}", "--site=CTU", "--as-of=2026-11-01", "--apply", stdout=out)
    assert "Nothing to change: every row is as the directory has it." in out.getvalue()
    assert (Roster.objects.count(), AuditEntry.objects.count()) == (1, before)


def test_a_second_roster_of_the_same_day_corrects_in_place(site: Site, tmp_path: Path) -> None:
    diff(tmp_path, "BW-2,Wang Fang,,w@bw.example,,,,Lotus,,,\nBW-3,Zhao Min,,z@bw.example,,,,Lotus,,,\n", "--apply")
    wang, zhao = Person.objects.get(name="Wang Fang"), Person.objects.get(name="Zhao Min")
    second = "BW-2,Wang Fang,,w@bw.example,,,,Bamboo,,,\n"
    assert diff(tmp_path, second, "--apply")[0] == counts(rows=1, movers=1, leavers=1)
    assert placed(wang) == [("Bamboo", days("2026-11-01"))]
    assert placed(zhao) == [("Lotus", days("2026-11-01", "2026-11-01"))]
    assert diff(tmp_path, second, "--apply")[0] == counts(rows=1, unchanged=1)


def test_an_older_roster_is_refused(site: Site, tmp_path: Path) -> None:
    diff(tmp_path, "BW-2,Wang Fang,,w@bw.example,,,,Lotus,,,\n", "--apply")
    said = diff(tmp_path, "BW-2,Wang Fang,,w@bw.example,,,,Bamboo,,,\n", day="2026-10-31")[1]
    assert "A roster as of 1 Nov 2026 was applied already. Choose that day or a later one." in said


def test_a_start_that_moves_takes_engagement_and_placement_along(site: Site, tmp_path: Path) -> None:
    row = "BW-2,Wang Fang,,w@bw.example,,,,Lotus,,{},\n"
    diff(tmp_path, row.format("2026-11-20"), "--apply")
    for day in ("2026-11-25", "2026-11-15"):
        assert diff(tmp_path, row.format(day), "--apply")[0] == counts(rows=1, movers=1)
        assert (Engagement.objects.get().period, Placement.objects.get().period) == (days(day), days(day))


def test_leavers_take_loans_and_leave_with_them(site: Site, tmp_path: Path) -> None:
    wang = at(site, "BW-2", "Wang Fang")
    at(site, "BW-3", "Zhao Min")
    PlacementFactory(
        person=wang, site=SiteFactory(partner=site.partner), kind="loan", period=days("2026-12-01", "2026-12-31")
    )
    wang.leaves.create(kind="holiday", period=days("2026-10-20", "2026-11-10"))
    wang.leaves.create(kind="holiday", period=days("2026-12-20", "2026-12-24"))
    diff(tmp_path, "BW-3,Zhao Min,,,,,,Lotus,,,\n", "--apply")
    assert wang.placements.filter(kind="loan", cancelled_at__isnull=False).count() == 1
    assert [(leave.last_day, leave.cancelled_at is None) for leave in wang.leaves.order_by("period")] == [
        (date(2026, 10, 31), True),
        (date(2026, 12, 24), False),
    ]


def test_namesakes_are_decided_not_guessed(site: Site, tmp_path: Path) -> None:
    wang = at(site, "BW-2", "Wang  FANG")
    row = "BW-77,ｗang fang,,new@bw.example,,,,Lotus,,,\n"
    found, said = diff(tmp_path, row)
    assert (found, "1 rows have a namesake on file" in said) == (counts(rows=1, errors=1), True)
    assert "rows are to be fixed or decided" in diff(tmp_path, row, "--apply")[1]
    assert diff(tmp_path, row, "--namesakes=same")[0] == counts(rows=1, movers=1)
    assert diff(tmp_path, row, "--namesakes=new", "--apply")[0] == counts(rows=1, joiners=1, leavers=1)
    assert Person.objects.exclude(pk=wang.pk).get().name == "ｗang fang"


def test_an_address_under_another_name_and_number_is_decided(site: Site, tmp_path: Path) -> None:
    wang = at(site, "BW-2", "Wang Fang", email="desk@bw.example")
    row = "BW-77,Zhao Min,,desk@bw.example,,,,Lotus,,,\n"
    assert diff(tmp_path, row)[0] == counts(rows=1, errors=1)
    assert "Another person has this email address." in diff(tmp_path, row, "--namesakes=new")[1]
    assert diff(tmp_path, row, "--namesakes=same", "--apply")[0] == counts(rows=1, movers=1)
    wang.refresh_from_db()
    assert (wang.name, wang.engagements.get().employee_number) == ("Zhao Min", "BW-77")


def test_new_teams_are_made_where_the_mapping_allows_it(site: Site, tmp_path: Path) -> None:
    path, mapping = tmp_path / "r.csv", tmp_path / "m.yml"
    path.write_text("id,who,unit,squad\n7,Ada,Guests,Osprey\n8,Bob,guests,osprey\n9,Cy,Hosts,\n", encoding="utf-8")
    mapping.write_text(
        "source: hr-bw\nidentity: external_id\nkey: id\nfields:\n  name: {column: who}\n  job_role: {default: Agent}\n"
        "  programme: {column: unit, create: true}\n  team: {column: squad, create: true}\n", encoding="utf-8"
    )  # fmt: skip
    call_command(
        "roster_diff",
        str(path),
        f"--mapping={mapping}",
        "--site=CTU",
        "--as-of=2026-11-01",
        "--apply",
        stdout=StringIO(),
    )
    team = Team.objects.get(name="Osprey")
    assert (team.programme.name, team.programme.code, team.placements.count()) == ("Guests", "GUESTS", 2)
    assert sorted(ExternalId.objects.values_list("source", "value")) == [("hr-bw", "7"), ("hr-bw", "8"), ("hr-bw", "9")]


def test_what_the_listeners_raise_undoes_everything(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from partners import registry

    heard: list[Any] = []

    def listener(*, actor: Any, roster_id: int) -> None:
        heard.append((actor, [c.kind for c in queries.roster_changes(roster_id)]))
        raise RuntimeError("no")

    monkeypatch.setattr(registry, "_listeners", [])
    registry.register_roster_listener(listener)
    with pytest.raises(RuntimeError):
        diff(tmp_path, "BW-2,Wang Fang,,w@bw.example,,,,Lotus,,,\n", "--apply")
    assert heard == [(SYSTEM, ["joiner"])]
    assert not Person.objects.exists()
