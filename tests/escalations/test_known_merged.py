"""What merged cases know, on the one that goes on: its own word first, else the newest, in replies and macros, on the card, and
where cases are given by language."""

import re
from datetime import timedelta
from html import unescape
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from escalations import actions
from escalations.actions import Acts, Saying, add_macro, add_template
from escalations.models import Case, CaseFact
from escalations.queries import assigning
from portal.accounts.rules import SYSTEM
from portal.audit.models import AuditEntry
from tests.escalations.case_page import act, page
from tests.escalations.pages_world import World, world
from tests.factories.assigning import always_on, takes

pytestmark = pytest.mark.django_db
BODY = "{{ preferred_name }} / {{ booking }} / {{ payment }}"


@pytest.fixture
def here() -> World:
    return world()


def knows(here: World, case: Case, ago: int, **said: str) -> None:
    """Facts of a case, recorded some hours ago."""
    at = timezone.now() - timedelta(hours=ago)
    for key, text in said.items():
        actions.record_fact(actor=here.actor("service_lead"), ref=case.pk, key=key, text=text, source="customer", at=at)


def merged(here: World, *cases: Case) -> Case:
    """Each goes on in the next, so that the last one goes on for all."""
    for source, target in pairwise(cases):
        actions.merge(actor=here.actor("service_lead"), source=source.pk, target=target.pk, reason="One matter")
    return Case.objects.get(pk=cases[-1].pk)


def replying(here: World) -> tuple[Case, Case]:
    """The case that goes on and the latest one merged into it; its own name, a booking of each, a payment of the older."""
    case, first, second = here.case(), here.case(), here.case()
    knows(here, case, 5, preferred_name="Own name", booking="Own booking")
    knows(here, first, 1, booking="First booking", payment="Newest payment")
    knows(here, second, 3, preferred_name="Second name", booking="Second booking", payment="Older payment")
    merged(here, second, case)
    return merged(here, first, case), second


def test_a_reply_is_filled_with_the_cases_own_word_else_the_newest(here: World) -> None:
    case, _ = replying(here)
    made = add_template(actor=SYSTEM, service_id=here.service.pk, saying=Saying("Line", BODY))
    data = {
        "prepare": "1", "template": made.versions.get().pk, "template_language": "en", "channel": "email",
        "direction": "out", "outcome": "sent", "text": "",
    }  # fmt: skip
    html = act(here, "associate", case, "contact", data).content.decode()
    assert "Own name / Own booking / Newest payment" in html


def test_a_macro_fills_note_and_reply_alike(here: World) -> None:
    case, _ = replying(here)
    made = add_template(actor=SYSTEM, service_id=here.service.pk, saying=Saying("Line", BODY))
    macro = add_macro(
        actor=SYSTEM, service_id=here.service.pk, acts=Acts("Hold", note=f"Note: {BODY}", reply_id=made.pk)
    )
    html = act(here, "associate", case, "macro", {"macro": macro.pk, "language": "en"}).content.decode()
    written = re.findall(r"<textarea[^>]*>\s*(.*?)</textarea>", html, re.S)
    right = "Own name / Own booking / Newest payment"
    assert [one for one in written if "/" in one] == [f"Note: {right}", right]


# -- the card


def shown(here: World, who: str, case: Case) -> dict[str, str]:
    """The card on the page."""
    html = page(here, who, case)
    card = html[html.index('id="card"') : html.index('id="people-title"')]
    return {unescape(key): text for key, text in re.findall(r"<dt>([^<]*)</dt><dd[^>]*>([^<]*)</dd>", card)}


def emptied(here: World, who: str, case: Case, name: str) -> str:
    """Empty a field of the card's form, and save it; what the next page says."""
    form = here.client(who).get(f"/cases/{case.ref}/card/").content.decode()
    was = dict(re.findall(r'name="was_(\w+)" value="([^"]*)"', form))
    said = {**was, **{f"was_{key}": text for key, text in was.items()}, name: "", "source": "customer"}
    response = act(here, who, case, "card", said, htmx=True)
    assert response.status_code == 200, response.content.decode()
    return str(response["HX-Trigger"]) if "HX-Trigger" in response else unescape(response.content.decode())


def test_an_emptied_field_is_no_longer_true_where_it_was_recorded(here: World) -> None:
    case, other = here.case(), here.case()
    knows(here, other, 2, preferred_name="Wu Mei", language="Chinese")
    merged(here, other, case)
    form = unescape(here.client("associate").get(f"/cases/{case.ref}/card/").content.decode())
    assert f"What to call them. From {other.ref}." in form
    assert form.count(f"From {other.ref}.") == 2
    emptied(here, "associate", case, "language")
    assert shown(here, "associate", case) == {"Preferred name": "Wu Mei"}
    row = CaseFact.objects.latest("pk")
    assert (row.case_id, row.key, row.withdrawn, row.entry.case_id) == (other.pk, "language", True, other.pk)
    assert row.entry.actor == here.users["associate"]
    trail = AuditEntry.objects.filter(verb="case.fact_withdrawn").get()
    assert (trail.subject_id, trail.changes["key"]) == (other.pk, "language")
    assert "Chinese" not in str(trail.changes)
    assert not CaseFact.objects.filter(case=case).exists()


def test_what_still_stands_after_emptying_is_said(here: World) -> None:
    case, first, second = here.case(), here.case(), here.case()
    knows(here, first, 3, preferred_name="Older")
    knows(here, second, 2, preferred_name="Newer")
    knows(here, case, 5, preferred_name="Own")
    merged(here, first, second, case)
    assert shown(here, "associate", case) == {"Preferred name": "Own"}
    assert f"Now from a merged case: Preferred name ({second.ref})" in emptied(
        here, "associate", case, "preferred_name"
    )
    assert shown(here, "associate", case) == {"Preferred name": "Newer"}
    assert f"Preferred name ({first.ref})" in emptied(here, "associate", case, "preferred_name")
    assert "Now from" not in emptied(here, "associate", case, "preferred_name")
    assert shown(here, "associate", case) == {}


def test_a_card_out_of_sight_is_neither_told_nor_taken_back(here: World) -> None:
    case, hidden = here.case(), here.case(service_id=here.other_service.pk, site_id=here.other_site.pk)
    knows_here = {"preferred_name": "Hidden name"}
    actions.keep_card(actor=SYSTEM, ref=hidden.pk, values=knows_here, source="customer")
    actions.merge(actor=SYSTEM, source=hidden.pk, target=case.pk, reason="One matter")
    form = here.client("associate").get(f"/cases/{case.ref}/card/").content.decode()
    assert hidden.ref not in form
    assert "Hidden name" not in form
    with pytest.raises(actions.Refused) as no:
        actions.keep_card(actor=here.actor("associate"), ref=case.pk, values={"preferred_name": ""}, source="customer")
    assert no.value.code == "nothing_changed"
    knows(here, case, 1, preferred_name="Own")
    assert hidden.ref not in emptied(here, "associate", case, "preferred_name")
    assert not CaseFact.objects.filter(case=hidden, withdrawn=True).exists()


# -- giving by language


def test_a_merged_cases_language_decides_who_is_given_the_case(here: World) -> None:
    case, other = here.case(), here.case()
    knows(here, other, 2, language="Chinese, some English")
    case = merged(here, other, case)
    speaks, does_not = here.users["associate"], here.users["service_lead"]
    for user, language in ((speaks, "zh"), (does_not, "de")):
        always_on(user.pk)
        takes(user.pk, languages=[language])
    with pytest.raises(actions.Refused):
        actions.take_next(actor=here.actor("service_lead"))
    assert actions.give_next(actor=here.actor("coordinator"), ref=case.pk).case.owner == speaks
    actions.assign(actor=here.actor("service_lead"), ref=case.pk, owner_id=None)
    assert actions.take_next(actor=here.actor("associate")).case.pk == case.pk


def test_the_language_asked_for_is_that_of_the_card_in_two_queries(here: World) -> None:
    case, first, second, third = (here.case() for _ in range(4))
    knows(here, first, 4, language="German")
    knows(here, second, 2, language="French")
    merged(here, third, first, case)
    merged(here, second, case)
    alone, mute, closed = here.case(), here.case(), here.case()
    knows(here, alone, 1, language="Spanish")
    hidden = here.case(sensitivity="confidential")
    actions.keep_card(actor=SYSTEM, ref=hidden.pk, values={"language": "Thai"}, source="customer")
    actions.merge(actor=SYSTEM, source=hidden.pk, target=closed.pk, reason="One matter")
    Case.objects.filter(pk=closed.pk).update(sensitivity="standard")

    def asked() -> list[str]:
        cases = list(Case.objects.filter(pk__in=[case.pk, alone.pk, mute.pk, closed.pk]))
        with CaptureQueriesContext(connection) as caught:
            wanted = assigning.wanted_of_many(cases)
        assert len(caught) <= 2
        return [wanted[one.pk].language for one in (case, alone, mute, closed)]

    assert asked() == ["fr", "es", "", ""], (
        "of a case that is more protected than this one nothing is told by who gets it"
    )
    knows(here, case, 9, language="Portuguese")
    assert asked()[0] == "pt"
    entry = CaseFact.objects.get(case=case).entry
    actions.redact_entry(actor=here.actor("coordinator"), ref=case.pk, entry_id=entry.pk)
    assert asked()[0] == "fr", "removed words are no word"
