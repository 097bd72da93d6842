"""Templates where replies are written, and on their pages of configuration."""

import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escalations import actions
from escalations.actions import Saying
from escalations.models import Case, OutboundMail, ReplyTemplate, TemplateUse
from portal.accounts.rules import SYSTEM
from tests.escalations.case_page import act
from tests.escalations.pages_world import HTMX, World, world
from tests.factories.case_mail import ServiceMailboxFactory

pytestmark = pytest.mark.django_db
BODY = "Dear {{ preferred_name }}, which booking is it? {{ reference }}"


@pytest.fixture
def here() -> World:
    return world()


def template(here: World, **other: Any) -> ReplyTemplate:
    saying = {"name": "Holding line", "body": BODY, "body_zh": "您好 {{ reference }}", "asks": ("booking",), **other}
    return actions.add_template(actor=SYSTEM, service_id=here.service.pk, saying=Saying(**saying))


def prepare(here: World, case: Case, made: ReplyTemplate, **said: Any) -> str:
    data = {
        "prepare": "1", "template": made.versions.get().pk, "template_language": "en", "channel": "email",
        "direction": "out", "outcome": "sent", "text": "", **said,
    }  # fmt: skip
    response = act(here, "associate", case, "contact", data, htmx=True, version=False)
    assert (response.status_code, response["HX-Retarget"]) == (422, "#do-contact")
    html: str = response.content.decode()
    return html


def text_in(html: str) -> str:
    found = re.search(r"<textarea name=\"text\"[^>]*>\s*(.*?)</textarea>", html, re.S)
    assert found
    return found[1]


def test_a_template_is_seen_before_it_goes(here: World) -> None:
    case, made = here.case(), template(here)
    form = here.client("associate").get(f"/cases/{case.ref}/contact/", headers=HTMX).content.decode()
    assert "Holding line" in form
    html = prepare(here, case, made)
    assert text_in(html) == f"Dear ⟦Preferred name⟧, which booking is it? {case.ref}"
    assert "To be filled in before it goes:</strong> Preferred name" in html
    assert 'role="alert"' not in html
    below = prepare(here, case, made, text="Typed before.", template_language="zh-hans")
    assert text_in(below) == f"Typed before.\n\n您好 {case.ref}"
    assert case.entries.filter(kind="contact").count() == 0
    used = {"used": made.versions.get().pk, "used_language": "en"}
    contact = {"channel": "email", "direction": "out", "outcome": "sent", **used}
    unsent = act(here, "associate", case, "contact", {**contact, "text": text_in(html)})
    assert unsent.status_code == 422
    assert "Fill in what is still missing: Preferred name." in unsent.content.decode()
    sent = act(here, "associate", case, "contact", {**contact, "text": "Dear Al, which booking is it?"})
    assert sent.status_code == 302
    assert TemplateUse.objects.get().entry.body.text == "Dear Al, which booking is it?"


def test_a_template_that_asks_for_what_is_known_is_stopped_and_shows_it(here: World) -> None:
    case, made = here.case(), template(here)
    actions.record_fact(actor=here.actor("associate"), ref=case.pk, key="booking", text="HX-7", source="checked")
    html = prepare(here, case, made)
    assert "This is known already" in html
    assert "HX-7" in html
    assert "Checked by us · Associate" in html
    assert text_in(html) == ""
    assert 'name="ask_reason"' in html
    html = prepare(here, case, made, ask_reason="The number does not exist")
    assert text_in(html).startswith("Dear ⟦Preferred name⟧")
    assert "The number does not exist" in html
    used = {"used": made.versions.get().pk, "used_language": "en"}
    contact = {"channel": "email", "direction": "out", "outcome": "sent", "text": "Dear Al, which?", **used}
    stopped = act(here, "associate", case, "contact", contact, htmx=True)
    assert stopped.status_code == 422
    assert "The template asks for what is known already: Booking or order." in stopped.content.decode()
    assert "HX-7" in stopped.content.decode()
    done = act(here, "associate", case, "contact", {**contact, "ask_reason": "The number does not exist"})
    assert done.status_code == 302
    assert TemplateUse.objects.get().asked_known == ["booking"]
    page = here.client("associate").get(f"/cases/{case.ref}/").content.decode()
    assert "The number does not exist" in page
    assert "The number does not exist" not in here.client("lead").get(f"/cases/{case.ref}/").content.decode()


def used_in(html: str) -> str:
    found = re.search(r'<input[^>]*name="used"[^>]*>', html)
    assert found
    value = re.search(r'value="(\d*)"', found[0])
    return value[1] if value else ""


def test_a_stop_is_not_got_round_by_inserting_twice(here: World) -> None:
    case, asking = here.case(), template(here)
    plain = template(here, name="Thanks", body="Thank you.", body_zh="", asks=())
    actions.record_fact(actor=here.actor("associate"), ref=case.pk, key="booking", text="HX-7", source="checked")
    version = str(asking.versions.get().pk)
    held = prepare(here, case, asking, ask_reason="The number does not exist")
    assert used_in(held) == version
    said = {"used": version, "used_language": "en", "text": text_in(held)}
    second = prepare(here, case, plain, **said)
    assert "The text is from another template already." in second
    assert (used_in(second), text_in(second)) == (version, text_in(held))
    # Stopped once more, what was inserted before is still what the text is from.
    again = prepare(here, case, asking, **said)
    assert (used_in(again), text_in(again)) == (version, text_in(held))
    # An emptied text begins anew.
    assert used_in(prepare(here, case, plain, **{**said, "text": " "})) == str(plain.versions.get().pk)
    assert used_in(prepare(here, case, asking, **{**said, "text": ""})) == ""


def test_without_a_template_the_form_is_what_it_was(here: World) -> None:
    case = here.case()
    form = here.client("associate").get(f"/cases/{case.ref}/contact/").content.decode()
    assert "Start from a template" not in form
    contact = {"channel": "email", "direction": "out", "outcome": "sent", "text": "Hello"}
    assert act(here, "associate", case, "contact", contact).status_code == 302


@pytest.mark.parametrize(
    "said",
    [
        {"template": "x"}, {"template": "99999999999999999999"}, {"template": ""}, {"template_language": "fr"},
        {"template": "1\x00"}, {"template_language": ""},
    ],
)  # fmt: skip
def test_nonsense_is_told_at_the_field(here: World, said: dict[str, str]) -> None:
    case, made = here.case(), template(here)
    assert "Choose a template." in prepare(here, case, made, **said)


def test_a_missing_language_is_told(here: World) -> None:
    case, made = here.case(), template(here, body_zh="")
    assert "no text in this language" in prepare(here, case, made, template_language="zh-hans")


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("中文, some English", "zh-hans"), ("Mandarin", "zh-hans"), ("zh-CN", "zh-hans"), ("English, no Chinese", "en"),
        ("英语，不会中文", "en"), ("Portuguese", "en"),
    ],
)  # fmt: skip
def test_chinese_is_offered_to_whoever_wants_it(here: World, said: str, language: str) -> None:
    case, _made = here.case(), template(here)
    actions.keep_card(actor=here.actor("associate"), ref=case.pk, values={"language": said}, source="customer")
    form = here.client("associate").get(f"/cases/{case.ref}/contact/").content.decode()
    assert f'<option value="{language}" selected>' in form


def writing(made: ReplyTemplate, **said: Any) -> dict[str, Any]:
    """A contact from the template's first version, as its form sends it: what was chosen goes along."""
    version = made.versions.order_by("number")[0].pk
    contact = {"channel": "email", "direction": "out", "outcome": "sent", "text": "Dear Al, which booking is it?"}
    return {**contact, "template": version, "template_language": "en", "used": version, "used_language": "en", **said}


def test_a_template_that_changed_or_went_meanwhile_holds_up_no_reply(here: World) -> None:
    case, made = here.case(), template(here)
    version, saying = made.versions.get().pk, Saying("Holding line", "Other words", asks=("booking",))
    actions.change_template(actor=SYSTEM, template_id=made.pk, saying=saying)
    assert act(here, "associate", case, "contact", writing(made)).status_code == 302
    actions.archive_template(actor=SYSTEM, template_id=made.pk)
    assert act(here, "associate", case, "contact", writing(made)).status_code == 302
    assert [one.version_id for one in TemplateUse.objects.all()] == [version, version]


def test_a_reply_outlives_the_move_of_its_case_to_another_service(here: World) -> None:
    """The coordinator writes on, though the service that has the case by now has no template at all."""
    case, made = here.case(), template(here)
    actions.change_service(actor=SYSTEM, ref=case.pk, service_id=here.other_service.pk)
    told = "does not have the template"
    first = act(here, "coordinator", case, "contact", writing(made), htmx=True).content.decode()
    assert told in first
    assert 'name="without_template"' in first
    assert (text_in(first), used_in(first)) == ("Dear Al, which booking is it?", str(made.versions.get().pk))
    # Whatever else is wrong with it, the text stays, and is from no template from then on.
    unsent = act(here, "coordinator", case, "contact", writing(made, without_template="on", text="⟦x⟧"), htmx=True)
    assert (unsent.status_code, used_in(unsent.content.decode())) == (422, "")
    assert "without_template" not in unsent.content.decode()
    assert act(here, "coordinator", case, "contact", writing(made, without_template="on")).status_code == 302
    [entry] = case.entries.filter(kind="contact")
    assert entry.body.text == "Dear Al, which booking is it?"
    assert not TemplateUse.objects.exists()


def test_a_template_of_the_new_service_goes_below_the_text_that_was_let_go(here: World) -> None:
    case, made = here.case(), template(here)
    actions.change_service(actor=SYSTEM, ref=case.pk, service_id=here.other_service.pk)
    thanks = actions.add_template(actor=SYSTEM, service_id=here.other_service.pk, saying=Saying("Thanks", "Thank you."))
    version = thanks.versions.get().pk
    said = writing(made, prepare="1", template=version)
    held = act(here, "coordinator", case, "contact", said, htmx=True).content.decode()
    assert "The text is from another template already." in held
    assert 'name="without_template"' in held
    free = act(here, "coordinator", case, "contact", {**said, "without_template": "on"}, htmx=True).content.decode()
    assert (text_in(free), used_in(free)) == ("Dear Al, which booking is it?\n\nThank you.", str(version))


def test_a_stop_is_not_got_round_by_letting_the_template_go(here: World) -> None:
    case, made = here.case(), template(here)
    actions.record_fact(actor=here.actor("associate"), ref=case.pk, key="booking", text="HX-7", source="checked")
    held = act(here, "associate", case, "contact", writing(made, without_template="on"), htmx=True)
    assert held.status_code == 422
    assert "The template asks for what is known already" in held.content.decode()
    assert "without_template" not in held.content.decode()


def test_templates_are_written_by_leads_and_administrators(here: World) -> None:
    lead = here.client("service_lead")
    form = lead.get("/templates/new/").content.decode()
    assert "Social media" in form
    assert "All services" not in form
    assert "{{ preferred_name }}" in form
    said = {"service": here.service.pk, "name": "Thanks", "body": "Dear {{ nobody }}", "asks": ["booking"]}
    wrong = lead.post("/templates/new/", said)
    assert wrong.status_code == 422
    assert "Line 1, character 6: there is no variable “nobody”." in wrong.content.decode()
    made = lead.post("/templates/new/", {**said, "body": "Dear {{ preferred_name }},\r\nbye"})
    assert made.status_code == 302
    page = lead.get(made["Location"]).content.decode()
    assert "Dear ⟦Preferred name⟧,\nbye" in page
    broken = lead.post(made["Location"], {"name": "Thanks", "version": 1, "body": "One\r\nTwo {% x %}"})
    assert "Line 2, character 5: “{% x %}” is no variable." in broken.content.decode()
    assert lead.post(made["Location"], {"name": "Thanks", "version": 1, "body": "Bye"}).status_code == 302
    stale = lead.post(made["Location"], {"name": "Thanks", "version": 1, "body": "Other"})
    assert stale.status_code == 409
    assert "Other" in stale.content.decode()
    page = here.client("auditor").get(made["Location"]).content.decode()
    assert "Version 1" in page
    assert "Save as a new version" not in page
    assert (
        here.client("service_lead").post(f"{made['Location']}archive/", {"version": 2, "archived": "1"}).status_code
        == 302
    )
    assert "Archived" in lead.get("/templates/").content.decode()
    everywhere = {"service": "", "name": "For all", "body": "Hello"}
    assert lead.post("/templates/new/", everywhere).status_code == 422
    shared = here.client("administrator").post("/templates/new/", everywhere)
    assert shared.status_code == 302
    assert "For all" in lead.get("/templates/").content.decode()
    assert lead.post(shared["Location"], {"name": "Mine", "version": 1, "body": "Hi"}).status_code == 403
    other = here.client("other_associate")
    assert other.get("/templates/").status_code == 404


def test_any_number_of_templates_costs_the_same(here: World) -> None:
    case = here.case()

    def cost(who: str, url: str) -> int:
        client = here.client(who)
        client.get(url)
        with CaptureQueriesContext(connection) as caught:
            client.get(url)
        return len(caught.captured_queries)

    template(here)
    urls = (("service_lead", "/templates/"), ("associate", f"/cases/{case.ref}/contact/"))
    few = [cost(*one) for one in urls]
    for n in range(12):
        template(here, name=f"Template {n}")
    assert [cost(*one) for one in urls] == few


def test_a_mail_begins_with_a_template_and_is_stopped_likewise(here: World) -> None:
    ServiceMailboxFactory(service=here.service, mailbox__address="care@portal.example.test")
    case, made = here.case(), template(here)
    actions.record_fact(actor=here.actor("associate"), ref=case.pk, key="booking", text="HX-7", source="checked")
    version = made.versions.get().pk
    asked = {"prepare": "1", "template": version, "template_language": "en", "ask_reason": "It does not exist"}
    html = act(here, "associate", case, "mail", asked, htmx=True, version=False).content.decode()
    assert text_in(html).startswith("Dear ⟦Preferred name⟧")
    assert "HX-7" in html
    mail = {"to": "ming@guest.example.test", "subject": "Door", "once": str(uuid.uuid4())}
    mail |= {"text": text_in(html), "used": version, "used_language": "en"}
    unfilled = act(here, "associate", case, "mail", mail, version=False).content.decode()
    assert "Fill in what is still missing: Preferred name." in unfilled
    mail["text"] = "Dear Al, which booking is it?"
    stopped = act(here, "associate", case, "mail", mail, version=False).content.decode()
    assert "The template asks for what is known already: Booking or order." in stopped
    assert OutboundMail.objects.count() == 0
    sent = act(here, "associate", case, "mail", {**mail, "ask_reason": "It does not exist"}, version=False)
    assert sent.status_code == 302
    assert OutboundMail.objects.get().entry.made_from.asked_known == ["booking"]
