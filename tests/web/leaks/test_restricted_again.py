"""What somebody did and was given while they were let into a restricted case opens nothing when it is restricted anew."""

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from escalations import actions
from escalations.models import BriefCopy, Case, EvidencePack
from escalations.queries import briefs as known
from escalations.tasks import make_evidence
from portal.notifications.tasks import fan_out
from tests.escalations.pages_world import HTMX
from tests.factories.api import Program
from tests.web.hidden import Hidden, Secrets
from tests.web.leaks.seeing import CASE_PARTS, pages, text_of

pytestmark = pytest.mark.django_db
WORD = "zqlastingxw"


@pytest.fixture
def case(found: Secrets, settings: Any, tmp_path: Path) -> Hidden:
    """A case of which an associate watched, was named, was given a brief, asked for a pack and was told, all by right."""
    settings.FILES_ROOT = tmp_path / "files"
    EvidencePack.objects.update(state="failed", fault="broken")
    world, one = found.made.world, found.cases["standard"]
    lead, member = world.actor("service_lead"), world.actor("associate")
    restrict(lead, one, "restricted")
    actions.grant_access(actor=lead, ref=one.pk, user_id=member.user_id, reason="Named contact")
    actions.watch(actor=member, ref=one.pk)
    actions.add_note(actor=lead, ref=one.pk, text=f"{WORD} @{world.users['associate'].email}", shared=False)
    picked = [fact.entry for fact in known.facts_for_brief(Case.objects.get(pk=one.pk))]
    actions.write_brief(
        actor=lead, ref=one.pk, writing=actions.Writing("en", situation=WORD, neutral=WORD, facts=picked)
    )
    actions.give_brief(actor=lead, ref=one.pk, version=1, level="full", reader_id=member.user_id)
    actions.ask_pack(actor=member, ref=one.pk, reason=WORD)
    make_evidence()
    fan_out()
    for url in doors(one):
        assert text_of(found.clients["associate"], url).startswith("200"), url
    for level in ("confidential", "restricted"):
        restrict(lead, one, level)
    return one


def restrict(by: Any, one: Hidden, level: str) -> None:
    actions.set_sensitivity(actor=by, ref=one.pk, sensitivity=level)


def doors(one: Hidden) -> list[str]:
    copy = BriefCopy.objects.get(brief__case=one.pk, reader__isnull=False)
    pack = EvidencePack.objects.get(case=one.pk, state="ready")
    parts = [f"/cases/{one.ref}/{part}" for part in ("", "briefs/", "briefs/1/", "evidence/", "pack/", "people/?q=")]
    file = reverse("escalations:case-evidence-file", args=[one.ref, pack.pk])
    return [*parts, file, f"/briefs/{copy.pk}/", f"/briefs/{copy.pk}/pdf/"]


def test_nothing_that_was_left_opens_it(found: Secrets, case: Hidden) -> None:
    client = found.clients["associate"]
    for url in [*doors(case), *(f"/cases/{case.ref}/{part}" for part in CASE_PARTS)]:
        for headers in ({}, HTMX):
            assert client.get(url, headers=headers).status_code == 404, url
    for part in ("note/", "watch/", "pack/", "state/", "assign/"):
        assert client.post(f"/cases/{case.ref}/{part}", {"text": "x"}).status_code == 404, part
    program = Program(found.made.world.users["associate"])
    for part in ("", "/clocks", "/entries"):
        assert program.get(f"/cases/{case.ref}{part}").status_code == 404
    assert WORD in text_of(found.clients["service_lead"], f"/cases/{case.ref}/"), "whoever restricted it keeps access"


def test_no_page_search_list_or_message_tells_of_it(found: Secrets, case: Hidden) -> None:
    actions.escalate(actor=found.made.world.actor("service_lead"), ref=case.pk, reason="Because")
    fan_out()
    hits = [
        f"{path}?q={word}"
        for path in ("/search/", "/ui/palette/", "/queue/", "/queue/export/")
        for word in (WORD, case.pk)
    ]
    for url in [*pages(found), *hits, "/mentions/", "/inbox/?show=all", "/queue/?tab=mine"]:
        page = text_of(found.clients["associate"], url).replace(f"?q={WORD}", "").replace(f'value="{WORD}"', "")
        # The word that one looks for stands in what says that nothing was found.
        told = [word for word in (case.word("subject"), case.word("internal"), f"/cases/{case.ref}/") if word in page]
        assert told == [], url
        assert WORD not in page or url.endswith(WORD), url
