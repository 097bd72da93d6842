"""`manage.py weekly_report`: a pack by hand, the same one when it is run again, clear words for what is wrong."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from reviews.models import Pack
from reviews.queries.content import draft_hash
from tests.factories.partners import SiteFactory
from tests.reviews.packing import a_site

pytestmark = pytest.mark.django_db


def run(*args: str) -> str:
    out = StringIO()
    call_command("weekly_report", *args, stdout=out)
    return out.getvalue()


def told(*args: str) -> Any:
    return json.loads(run(*args, "--json").splitlines()[-1])


def test_it_makes_and_freezes_a_pack_once() -> None:
    site = a_site(code="CEB")
    first = told("--site", "CEB", "--week", "2026-W46")
    pack = Pack.objects.get()
    assert (pack.site, pack.first_day.isoformat(), first["pack"], first["state"]) == (
        site,
        "2026-11-09",
        pack.pk,
        "draft",
    )
    assert first["hash"] == draft_hash(pack)
    assert [(one["format"], one["state"], one["bytes"] > 5000) for one in first["files"]] == [
        (form, "ready", True) for form in ("pdf", "pptx", "xlsx")
    ]
    assert told("--site", "CEB", "--week", "2026-W46") == first
    assert f"Pack {pack.pk}, Draft, revision 1" in run("--site", "CEB", "--week", "2026-W46")


def test_a_site_without_data_says_so() -> None:
    SiteFactory.create(code="DLC", name="Dalian")
    found = told("--site", "DLC", "--week", "2026-W46")
    assert "Dalian: there are no figures of this period." in found["missing"]
    assert found["exceptions"] == 0


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--site", "NIX", "--week", "2026-W46"), "There is no site NIX"),
        (("--site", "CEB", "--week", "2026-11"), "2026-11 is no ISO week"),
        (("--site", "CEB", "--week", "2026-W99"), "2026-W99 is no ISO week"),
        (("--site", "CEB", "--week", "2026-W46", "--kind", "monthly"), "There is no weekly kind of review monthly"),
    ],
)
def test_what_is_wrong_is_said(args: tuple[str, ...], said: str) -> None:
    SiteFactory.create(code="CEB")
    with pytest.raises(CommandError, match=said):
        run(*args)
    assert not Pack.objects.exists()
