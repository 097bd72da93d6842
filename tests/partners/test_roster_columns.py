"""Which columns a roster must have: what its mapping requires, and one to know people by."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from partners.models import Person, Placement, Site
from tests.partners.test_roster_diff import DEFAULT, at, counts, site

pytestmark = pytest.mark.django_db
__all__ = ["site"]


def short(tmp_path: Path, content: str, mapping: Path = DEFAULT) -> tuple[dict[str, int], str]:
    """As `diff`, for a file with a heading of its own."""
    path, out, err = tmp_path / "short.csv", StringIO(), StringIO()
    path.write_text(content, encoding="utf-8")
    options = [str(path), f"--mapping={mapping}", "--site=CTU", "--as-of=2026-11-01", "--json", "--apply"]
    call_command("roster_diff", *options, stdout=out, stderr=err)
    return json.loads(out.getvalue().splitlines()[-1]), err.getvalue()


def test_a_file_need_not_have_every_column_and_says_nothing_about_the_others(site: Site, tmp_path: Path) -> None:
    lin = at(site, "BW-1", "Lin Xia", role="LEAD")
    wang = at(site, "BW-2", "Wang Fang", lead=lin)
    found, said = short(tmp_path, "employee_no,name\nBW-1,Lin Xia\nBW-2,Wang Fangfang\nBW-3,Chen Jie\n")
    assert found == counts(rows=3, joiners=1, movers=1, unchanged=1)
    assert "The file has no column email, first_day, job_role" in said
    kept = wang.placements.get()
    assert (kept.team.name if kept.team else "", kept.lead, kept.job_role.code) == ("Lotus", lin, "AGENT")
    assert Person.objects.get(pk=wang.pk).name == "Wang Fangfang"
    assert Placement.objects.get(person__name="Chen Jie").job_role.code == "AGENT"
    assert short(tmp_path, "email,team\nbw-2@bw.example,Bamboo\nbw-1@bw.example,Lotus\n")[0] == counts(
        rows=2, movers=1, unchanged=1, leavers=1
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("name,team\nWang Fang,Lotus\n", "no column to know people by: employee_no / email. It has: name, team."),
        ("", "The file is empty."),
    ],
)
def test_a_file_that_knows_nobody_is_refused(site: Site, tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        short(tmp_path, content)


def test_what_the_mapping_requires_has_to_be_there(site: Site, tmp_path: Path) -> None:
    mapping = tmp_path / "m.yml"
    mapping.write_text(
        "source: hr\nidentity: external_id\nkey: id\nfields:\n  name: {column: who}\n"
        "  team: {column: squad, required: true}\n  job_role: {default: Agent}\n", encoding="utf-8"
    )  # fmt: skip
    with pytest.raises(CommandError, match=r"The file has no column squad\. It has: id, who\."):
        short(tmp_path, "id,who\n7,Ada\n", mapping)
    with pytest.raises(CommandError, match="rows are to be fixed"):
        short(tmp_path, "id,who,squad\n7,Ada,\n", mapping)
