"""Briefs on pages: the panel, the list, writing, giving, a reader's copy."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escalations import actions
from escalations.models import Brief, BriefCopy, Case
from escalations.queries import briefs as known
from tests.escalations.briefing import rich_case, written
from tests.escalations.case_page import page
from tests.escalations.pages_world import HTMX, World, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> World:
    return world()


def text(here: World, who: str, url: str, **more: Any) -> str:
    response = here.client(who).get(url, **more)
    assert response.status_code == 200, (who, url, response.status_code)
    return response.content.decode()


def form_of(here: World, who: str, case: Case) -> dict[str, Any]:
    """What the page's form would send."""
    html = text(here, who, f"/cases/{case.ref}/briefs/new/")
    data: dict[str, Any] = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*?value="([^"]*)"', html))
    for name in ("facts", "deeds"):
        ticked = [tag for tag in re.findall(rf'<input[^>]*name="{name}"[^>]*>', html) if "checked" in tag]
        data[name] = [one for tag in ticked for one in re.findall(r'value="(\d+)"', tag)]
    data |= dict(re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>\s*([^<]*)</textarea>', html))
    for name, inner in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inner)
        data[name] = chosen[1] if chosen else ""
    return data


def test_the_panel_says_which_version_how_old_and_what_came_since(here: World) -> None:
    case = rich_case(here)
    html = page(here, "associate", case)
    assert f'hx-get="/cases/{case.ref}/briefs/"' in html
    panel = text(here, "associate", f"/cases/{case.ref}/briefs/", headers=HTMX)
    assert "None yet: one page" in panel
    written(here, case)
    written(here, case)
    actions.add_note(actor=here.actor("associate"), ref=case.pk, text="x", shared=False)
    panel = text(here, "auditor", f"/cases/{case.ref}/briefs/", headers=HTMX)
    assert "Version 2" in panel
    assert "changed since: 1 entry<" in panel
    assert "brief-new" not in panel, "auditors write none"
    listed = text(here, "auditor", f"/cases/{case.ref}/briefs/")
    assert listed.index("Version 2") < listed.index("Version 1")
    assert "/briefs/" not in page(here, "lead", case)


def test_the_draft_is_filled_from_the_case_and_becomes_a_version(here: World) -> None:
    case = rich_case(here)
    data = form_of(here, "associate", case)
    assert (data["situation"], data["after"], data["who"]) == ("zqsubject", "0", str(here.users["associate"].pk))
    assert data["neutral"] == "A case of Social media: Locked out."
    assert (len(data["facts"]), len(data["deeds"])) == (3, 2)
    done = here.client("associate").post(f"/cases/{case.ref}/briefs/new/", data)
    assert (done.status_code, done["Location"]) == (302, f"/cases/{case.ref}/briefs/1/")
    html = text(here, "auditor", f"/cases/{case.ref}/briefs/1/")
    for word in (
        "zqsubject",
        "zqtold",
        "zqcontact",
        "Assigned to Associate",
        "This is the first version.",
        "Written by Associate",
    ):
        assert word in html
    assert Brief.objects.get().sha256 in html


def test_the_next_draft_begins_with_what_the_last_version_said(here: World) -> None:
    case = rich_case(here)
    written(here, case)
    data = form_of(here, "associate", case)
    assert (data["situation"], data["money"], data["legal"], data["after"]) == ("zqsituation", "4812.50", "claim", "1")
    actions.set_severity(actor=here.actor("service_lead"), ref=case.pk, impact="people", urgency="now", signals=())
    actions.record_fact(actor=here.actor("associate"), ref=case.pk, key="booking", text="zqother", source="checked")
    data = form_of(here, "associate", case) | {"money": "900.00"}
    assert here.client("associate").post(f"/cases/{case.ref}/briefs/new/", data).status_code == 302
    html = text(here, "associate", f"/cases/{case.ref}/briefs/2/")
    changed = html[html.index("What changed since version 1") :]
    for word in ("S3 → S1", "zqtold → zqother", "4,812.50 EUR → 900.00 EUR", "1 more entry"):
        assert word in changed, word
    outside = text(here, "associate", f"/cases/{case.ref}/briefs/2/?level=outside")
    assert "1,000 to under 10,000 EUR → under 1,000 EUR" in outside
    for word in ("zqtold", "zqother", "4,812.50"):
        assert word not in outside


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"situation": ""}, "Say what the situation is."),
        ({"situation": "退" * 301}, "300 Chinese characters"),
        ({"neutral": "Associate was there"}, "Take out: Associate"),
        ({"money": "1", "currency": ""}, "Choose the currency."),
        ({"money": "-1"}, "greater than or equal to 0"),
        ({"money": "NaN"}, "Enter a number."),
        ({"people": "1e9"}, "Enter a whole number."),
        ({"by": "9999-12-31T23:59"}, "Choose a time in this century."),
        ({"by": "2020-01-01T10:00"}, "Choose a time that is still to come."),
        ({"by": "0001-01-01T00:00"}, "Choose a time that is still to come."),
        ({"by": "yesterday"}, "Enter a valid date/time."),
        ({"facts": ["999999"]}, "999999 is not one of the available choices."),
        ({"deeds": ["x"]}, "x is not one of the available choices."),
        ({"next_step": "a\x00b"}, "Null characters are not allowed."),
        ({"after": "-1"}, "greater than or equal to 0"),
        ({"language": "fr"}, "fr is not one of the available choices."),
        ({"who": "10"}, "10 is not one of the available choices."),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_written(
    here: World, wrong: dict[str, Any], said: str
) -> None:
    case = rich_case(here)
    answer = here.client("associate").post(f"/cases/{case.ref}/briefs/new/", form_of(here, "associate", case) | wrong)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Brief.objects.exists()


def test_who_writes_after_somebody_else_keeps_what_they_typed(here: World) -> None:
    case = rich_case(here)
    data = form_of(here, "associate", case) | {"next_step": "Call the hotel"}
    written(here, case)
    behind = here.client("associate").post(f"/cases/{case.ref}/briefs/new/", data)
    html = behind.content.decode()
    assert behind.status_code == 422
    assert "Somebody wrote version 1 meanwhile." in html
    assert "Call the hotel" in html
    assert re.search(r'name="after" value="1"', html)
    assert here.client("associate").post(f"/cases/{case.ref}/briefs/new/", data | {"after": "1"}).status_code == 302


def test_a_copy_is_given_from_the_page_and_read_by_whom_it_is_for(here: World) -> None:
    case = rich_case(here)
    written(here, case)
    url = f"/cases/{case.ref}/briefs/1/give/"
    assert 'name="name"' not in text(here, "manager", url), "only owner and lead give it out of the portal"
    assert 'name="name"' in text(here, "associate", url)
    lead = here.users["lead"].pk
    no = here.client("manager").post(url, {"reader": lead, "level": "full"})
    assert (no.status_code, "may not be given so much" in no.content.decode()) == (422, True)
    yes = here.client("manager").post(url, {"reader": lead, "level": "outside"})
    copy = BriefCopy.objects.get()
    assert yes["Location"] == f"/briefs/{copy.pk}/"
    html = text(here, "lead", f"/briefs/{copy.pk}/")
    assert "Copy for Lead · Outside · version 1" in html
    assert copy.sha256 in html
    assert "zqtold" not in html
    assert "zqneutral" in html
    for who in ("qa", "foreign_lead", "other_associate", "it", "agent"):
        for part in ("", "pdf/"):
            assert here.client(who).get(f"/briefs/{copy.pk}/{part}").status_code == 404, who
    actions.set_sensitivity(actor=here.actor("service_lead"), ref=case.pk, sensitivity="confidential")
    assert here.client("lead").get(f"/briefs/{copy.pk}/").status_code == 404, "what is out of sight is not there"


def test_giving_asks_for_one_reader_and_a_reason(here: World) -> None:
    case = rich_case(here)
    written(here, case)
    client, url = here.client("associate"), f"/cases/{case.ref}/briefs/1/give/"
    someone = str(here.users["manager"].pk)
    for data, said in (
        ({}, "Choose one reader."),
        ({"reader": someone, "name": "Board", "reason": "x"}, "Choose one reader."),
        ({"name": "Board"}, "Say why."),
        ({"name": "Board", "reason": "x", "level": "full"}, "may not be given so much"),
        ({"reader": str(here.users["foreign_lead"].pk)}, "is not one of the available choices."),
        ({"name": "x" * 81, "reason": "x"}, "at most 80 characters"),
        ({"reader": someone, "level": "secret"}, "secret is not one of the available choices."),
    ):
        answer = client.post(url, {"level": "outside"} | data)
        assert (answer.status_code, said in answer.content.decode()) == (422, True), data
    assert not BriefCopy.objects.exists()
    assert client.post(url, {"name": "Board", "reason": "Asked", "level": "outside"}).status_code == 302


def test_removed_words_are_marked_on_page_list_and_copy(here: World) -> None:
    case = rich_case(here)
    brief = written(here, case)
    copy = actions.give_brief(
        actor=here.actor("associate"), ref=case.pk, version=1, level="full", reader_id=here.users["manager"].pk
    )
    entry = next(one.entry for one in known.facts_for_brief(case) if one.key == "booking")
    actions.redact_entry(actor=here.actor("service_lead"), ref=case.pk, entry_id=entry)
    html = text(here, "associate", f"/cases/{case.ref}/briefs/{brief.version}/")
    assert "zqtold" not in html
    assert "These words were removed" in html
    assert "Words were removed from this version after it was written." in html
    assert "Given before words were removed" in html
    assert "Words were removed" in text(here, "associate", f"/cases/{case.ref}/briefs/")
    mine = text(here, "manager", f"/briefs/{copy.pk}/")
    assert "zqtold" not in mine
    assert "These words were removed" in mine
    outside = text(here, "associate", f"/cases/{case.ref}/briefs/1/?level=outside")
    assert "Words were removed" not in outside[outside.index("<article") : outside.index("</article>")]


def test_what_a_writer_wrote_is_removed_from_the_activity(here: World) -> None:
    case = rich_case(here)
    brief = written(here, case)
    assert f"/cases/{case.ref}/entries/{brief.entry_id}/remove/" in page(here, "service_lead", case)
    assert here.client("service_lead").post(f"/cases/{case.ref}/entries/{brief.entry_id}/remove/").status_code == 302
    html = text(here, "service_lead", f"/cases/{case.ref}/briefs/1/") + page(here, "service_lead", case)
    for word in ("zqsituation", "zqlegal", "zqnext", "zqneutral"):
        assert word not in html
    draft = form_of(here, "associate", case)
    assert (draft["situation"], draft["next_step"]) == ("", "")


def test_a_brief_in_chinese_has_chinese_labels_for_every_reader(here: World) -> None:
    case = rich_case(here)
    written(here, case, language="zh-hans", situation="客人被锁在门外，没有地方过夜。")
    html = text(here, "associate", f"/cases/{case.ref}/briefs/1/")
    article = html[html.index("<article") : html.index("</article>")]
    assert 'lang="zh-Hans"' in article
    assert "客人被锁在门外" in article
    assert "社交媒体" in article


def test_many_versions_and_entries_cost_what_few_cost(here: World) -> None:
    case = rich_case(here)
    written(here, case)
    written(here, case)

    def cost(url: str, **more: Any) -> int:
        client = here.client("associate")
        client.get(url, **more)
        with CaptureQueriesContext(connection) as caught:
            assert client.get(url, **more).status_code == 200
        return len(caught.captured_queries)

    def costs(version: int) -> list[int]:
        root = f"/cases/{case.ref}/briefs/"
        return [
            cost(f"/cases/{case.ref}/"),
            cost(root, headers=HTMX),
            cost(root),
            cost(f"{root}new/"),
            cost(f"{root}{version}/"),
        ]

    few = costs(2)
    for n in range(10):
        actions.record_fact(actor=here.actor("coordinator"), ref=case.pk, text=f"Fact {n}", source="checked")
        owner = here.users["associate" if n % 2 else "service_lead"].pk
        actions.assign(actor=here.actor("service_lead"), ref=case.pk, owner_id=owner)
        written(here, case)
    assert costs(12) == few
    assert few[0] <= 12
