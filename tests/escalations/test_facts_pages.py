"""Known facts and the card on the page of a case, and on pages of their own."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escalations import actions
from escalations.models import Case, CaseFact
from tests.escalations.case_page import act, page
from tests.escalations.pages_world import HTMX, World, world

pytestmark = pytest.mark.django_db
INSIDE = ("coordinator", "manager", "associate", "service_lead", "auditor", "administrator")
PARTNER = ("lead", "qa", "agent")


@pytest.fixture
def here() -> World:
    return world()


def informed(here: World) -> Case:
    """A case of which something is known."""
    case, who = here.case(by="agent"), here.actor("associate")
    actions.record_fact(actor=who, ref=case.pk, key="booking", text="HX-7", source="customer")
    actions.record_fact(actor=who, ref=case.pk, key="booking", text="HX-77", source="checked")
    actions.record_fact(actor=who, ref=case.pk, text="和婴儿在一起", source="customer")
    actions.keep_card(
        actor=who, ref=case.pk, values={"preferred_name": "Zhao", "hours": "After 14:00"}, source="customer"
    )
    return case


def test_how_to_be_in_touch_stands_in_one_place(here: World) -> None:
    case = here.case(by="agent", contact_hint="E-mail only")
    for who, place in (("associate", "card"), ("lead", "details-title")):
        html = page(here, who, case)
        assert html.count("E-mail only") == 1, who
        section = html[html.rindex("<section", 0, html.index("E-mail only")) : html.index("E-mail only")]
        assert place in section, who
        assert "Nobody has asked yet" not in html
    actions.keep_card(actor=here.actor("associate"), ref=case.pk, values={"hours": "After 14:00"}, source="customer")
    card = page(here, "associate", case).partition('id="card"')[2].partition("</section>")[0]
    assert "After 14:00" in card
    assert "E-mail only" in card


def test_colleagues_read_facts_and_card_and_partners_nothing(here: World) -> None:
    case = informed(here)
    for who in INSIDE:
        html = page(here, who, case)
        panel = html[html.index('id="known-facts"') : html.index('id="act"')]
        assert "<b>Booking or order</b>" in panel
        assert "HX-77" in panel
        assert "HX-7<" not in panel
        assert 'lang="zh-Hans">和婴儿在一起' in panel
        assert "Checked by us · Associate" in panel
        assert "Zhao" not in panel
        card = html[html.index('id="card"') : html.index('id="people-title"')]
        assert "<dt>Preferred name</dt><dd>Zhao</dd>" in card
        assert "After 14:00" in card
        assert "Zhao" in html[html.index('id="card-line"') : html.index('id="case-main"')]
        assert ('id="open-fact"' in html) == (who not in ("auditor", "administrator"))
    for who in PARTNER:
        html = page(here, who, case)
        for word in ("HX-7", "婴儿", "Zhao", "known-facts", 'id="card'):
            assert word not in html, (who, word)
        assert here.client(who).get(f"/cases/{case.ref}/facts/").status_code == 404


def test_a_case_of_which_nothing_is_known_invites(here: World) -> None:
    case = here.case()
    html = page(here, "associate", case)
    assert "Nothing yet. What you learn stands here" in html
    assert "Nobody has asked yet what to call them" in html


def test_a_fact_is_recorded_from_the_page_and_without_script(here: World) -> None:
    case = here.case()
    form = here.client("associate").get(f"/cases/{case.ref}/fact/", headers=HTMX).content.decode()
    assert 'name="text"' in form
    done = act(here, "associate", case, "fact", {"text": "Indoors", "source": "customer"}, htmx=True)
    assert done.status_code == 200
    assert "Indoors" in done.content.decode()
    assert "Fact recorded" in done.content.decode()
    plain = act(here, "associate", case, "fact", {"text": "Safe", "key": "safety", "source": "checked"})
    assert (plain.status_code, plain["Location"]) == (302, f"/cases/{case.ref}/")
    again = act(here, "associate", case, "fact", {"text": "Safe", "key": "safety", "source": "checked"})
    assert again.status_code == 422
    assert "Nothing was changed." in again.content.decode()
    for wrong in ({"text": ""}, {"text": "x", "key": "shoe"}, {"text": "x" * 2001}, {"text": "x", "source": "?"}):
        answer = act(here, "associate", case, "fact", {"source": "customer", **wrong}, htmx=True)
        assert (answer.status_code, answer["HX-Retarget"]) == (422, "#do-fact")
    assert CaseFact.objects.filter(case=case).count() == 2


def test_the_ledger_shows_what_stood_before(here: World) -> None:
    case = informed(here)
    html = here.client("auditor").get(f"/cases/{case.ref}/facts/").content.decode()
    assert html.index("HX-77") < html.index("1 earlier") < html.index("HX-7<")
    assert "Correct" not in html
    html = here.client("associate").get(f"/cases/{case.ref}/facts/").content.decode()
    assert html.count("Remove these words") == 5
    newest = CaseFact.objects.get(case=case, key="booking", replaced_by=None)
    url = f"/cases/{case.ref}/facts/{newest.pk}"
    assert "HX-77" in here.client("associate").get(f"{url}/correct/").content.decode()
    here.client("associate").post(f"{url}/correct/", {"text": "HX-78", "source": "checked"})
    stale = here.client("associate").post(f"{url}/withdraw/", {}, headers=HTMX)
    assert (stale.status_code, stale["HX-Retarget"]) == (422, "#do-fact")
    assert "Somebody corrected this a moment ago." in stale.content.decode()
    newest = CaseFact.objects.get(case=case, key="booking", replaced_by=None)
    gone = here.client("associate").post(f"/cases/{case.ref}/facts/{newest.pk}/withdraw/", {"reason": "Cancelled"})
    assert gone.status_code == 302
    panel = page(here, "associate", case)
    assert "Booking or order</b>" not in panel
    html = here.client("associate").get(f"/cases/{case.ref}/facts/").content.decode()
    assert html.index("No longer true</span>") < html.index("Cancelled") < html.index("3 earlier")


def test_a_fact_of_another_case_is_not_there(here: World) -> None:
    case, other = informed(here), here.case("Other")
    pk = CaseFact.objects.filter(case=case).latest("pk").pk
    for part in ("correct", "withdraw"):
        url = f"/cases/{other.ref}/facts/{pk}/{part}/"
        assert here.client("associate").get(url).status_code == 404
        assert here.client("associate").post(url, {"text": "x", "source": "customer"}).status_code == 404


def test_two_who_keep_the_card_at_once_lose_nothing(here: World) -> None:
    case = informed(here)
    form = here.client("coordinator").get(f"/cases/{case.ref}/card/").content.decode()
    shown = dict(re.findall(r'name="(was_\w+)" value="([^"]*)"', form))
    assert shown["was_preferred_name"] == "Zhao"
    actions.keep_card(actor=here.actor("associate"), ref=case.pk, values={"preferred_name": "Yun"}, source="customer")
    said = {key.removeprefix("was_"): value for key, value in shown.items()} | shown
    act(here, "coordinator", case, "card", {**said, "pronouns": "she/her", "source": "customer"})
    html = page(here, "coordinator", case)
    assert "<dd>Yun</dd>" in html
    assert "<dd>she/her</dd>" in html


def test_removed_words_are_gone_from_page_and_ledger(here: World) -> None:
    case = informed(here)
    for fact in CaseFact.objects.filter(case=case):
        url = f"/cases/{case.ref}/entries/{fact.entry_id}/remove/"
        assert here.client("coordinator").post(url).status_code == 302
    for html in (
        page(here, "associate", case),
        here.client("associate").get(f"/cases/{case.ref}/facts/").content.decode(),
    ):
        for word in ("HX-7", "婴儿", "Zhao", "After 14:00"):
            assert word not in html
        assert "These words were removed" in html


def test_forty_facts_cost_what_one_costs(here: World) -> None:
    case = informed(here)

    def cost(url: str) -> int:
        client = here.client("associate")
        client.get(url)
        with CaptureQueriesContext(connection) as caught:
            client.get(url)
        return len(caught.captured_queries)

    urls = (f"/cases/{case.ref}/", f"/cases/{case.ref}/facts/")
    few = [cost(url) for url in urls]
    for n in range(40):
        actions.record_fact(actor=here.actor("coordinator"), ref=case.pk, text=f"Fact {n}", source="customer")
        actions.record_fact(actor=here.actor("manager"), ref=case.pk, key="wish", text=f"{n}", source="customer")
    assert [cost(url) for url in urls] == few
    assert max(few) <= 12
