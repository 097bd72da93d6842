"""Macros: several acts under one name, seen before they are done, all of them or none, by the same rules as one by one."""

import re
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from escalations import actions
from escalations.actions import Acts, Refused, Saying, Used, add_macro, add_template, archive_macro, change_macro
from escalations.models import Case, Macro, TemplateUse
from portal.accounts.rules import SYSTEM
from portal.audit.models import AuditEntry
from tests.escalations.case_page import act
from tests.escalations.pages_world import World, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> World:
    return world()


def holding(here: World, **other: Any) -> Macro:
    """Take it, note, reply, wait."""
    saying = Saying("Holding line", "Dear {{ preferred_name }}, {{ reference }}", asks=("booking",))
    template = add_template(actor=SYSTEM, service_id=here.service.pk, saying=saying)
    acts = {"name": "Hold", "take": True, "note": "Holding {{ reference }}", "reply_id": template.pk}
    return add_macro(actor=SYSTEM, service_id=here.service.pk, acts=Acts(**{**acts, "verb": "wait_customer", **other}))


def run(here: World, case: Case, macro: Macro, **said: Any) -> Case:
    used = Used(macro.reply.versions.latest("number").pk, "en") if macro.reply else None
    values = {"note": "Held", "text": "Dear Al", "used": used, **said}
    return actions.run_macro(actor=here.actor("associate"), ref=case.pk, macro_id=macro.pk, **values)


def state_of(case: Case) -> tuple[Any, ...]:
    case.refresh_from_db()
    return (
        case.state,
        case.owner_id,
        case.version,
        case.entries.count(),
        AuditEntry.objects.filter(subject_type="case").count(),
    )


def test_all_of_it_is_done(here: World) -> None:
    case, macro = here.case(), holding(here)
    done = run(here, case, macro)
    assert (done.state, done.owner_id) == ("waiting_customer", here.users["associate"].pk)
    kinds = list(case.entries.order_by("pk").values_list("code", flat=True))[1:]
    assert [code for code in kinds if not code.startswith("clock")] == [
        "assignment.changed", "note.added", "contact.logged", "state.changed",
    ]  # fmt: skip
    assert TemplateUse.objects.get().entry.body.text == "Dear Al"
    verbs = set(AuditEntry.objects.filter(subject_type="case", subject_id=case.pk).values_list("verb", flat=True))
    assert {"case.macro_run", "case.assigned", "case.noted", "case.contact_logged", "case.wait_customer"} <= verbs
    # Where it is theirs already, nothing is assigned again.
    actions.set_state(actor=here.actor("associate"), ref=case.pk, verb="resume")
    assert run(here, case, macro).state == "waiting_customer"


def test_or_nothing_of_it(here: World) -> None:
    case, macro = here.case(), holding(here)
    actions.record_fact(actor=here.actor("manager"), ref=case.pk, key="booking", text="HX-7", source="checked")
    before = state_of(case)
    refusals = {
        "asks_known": {},
        "gaps_left": {"text": "Dear ⟦Preferred name⟧"},
        "text_needed": {"text": " "},
        "stale": {"expected_macro": 7},
        "unknown_value": {"macro_id": holding_elsewhere(here).pk},
    }
    for code, said in refusals.items():
        with pytest.raises(Refused) as refused:
            run(here, case, macro, **said) if "macro_id" not in said else actions.run_macro(
                actor=here.actor("associate"), ref=case.pk, **said
            )
        assert refused.value.code == code
    last = add_macro(actor=SYSTEM, service_id=None, acts=Acts("Reopen it", take=True, note="Again", verb="reopen"))
    with pytest.raises(Refused) as refused:
        run(here, case, last, text="")
    assert refused.value.code == "not_possible"
    assert state_of(case) == before
    assert TemplateUse.objects.count() == 0


def holding_elsewhere(here: World) -> Macro:
    return add_macro(actor=SYSTEM, service_id=here.other_service.pk, acts=Acts("Theirs", take=True))


def test_what_is_done_is_what_was_seen(here: World) -> None:
    case, macro = here.case(), holding(here)
    asked = {"macro": macro.pk, "language": "en"}
    html = act(here, "associate", case, "macro", asked, htmx=True).content.decode()
    assert re.findall(r"<li>(\d\. [^<]*)</li>", html) == [
        "1. Assigned to you", "2. Internal note", "3. Reply logged as sent: Holding line", "4. Wait on customer",
    ]  # fmt: skip
    assert "Nothing is sent by this: the reply is only logged as sent." in html
    assert f"Holding {case.ref}" in html
    assert f"Dear ⟦Preferred name⟧, {case.ref}" in html
    assert "To be filled in before it goes:</strong> Preferred name" in html
    assert 'role="alert"' not in html
    case.refresh_from_db()
    assert (case.state, case.entries.filter(kind="contact").count()) == ("new", 0)
    seen = re.search(r'name="seen" value="([^"]+)"', html)
    assert seen
    said = {**asked, "seen": seen[1], "note": "Held", "text": "Dear ⟦Preferred name⟧"}
    unfilled = act(here, "associate", case, "macro", said)
    assert "Fill in what is still missing: Preferred name." in unfilled.content.decode()
    change_macro(actor=SYSTEM, macro_id=macro.pk, acts=Acts("Hold", reply_id=macro.reply_id, verb="resolve"))
    other = act(here, "associate", case, "macro", {**said, "text": "Dear Al"})
    assert other.status_code == 422
    assert "2. Resolve" in other.content.decode()
    case.refresh_from_db()
    assert case.state == "new"
    seen = re.search(r'name="seen" value="([^"]+)"', other.content.decode())
    assert seen
    done = act(here, "associate", case, "macro", {**said, "seen": seen[1], "text": "Dear Al"})
    assert done.status_code == 302
    case.refresh_from_db()
    assert case.state == "resolved"


def test_the_language_that_the_customer_wants_is_chosen_already(here: World) -> None:
    case = here.case(site_id=here.site.pk)
    add_macro(actor=SYSTEM, service_id=None, acts=Acts("Both", note="Held", note_zh="已接手"))

    def chosen() -> list[str]:
        html = here.client("associate").get(reverse("escalations:case-macro", args=[case.ref])).content.decode()
        return re.findall(r'value="(en|zh-hans)"[^>]* selected', html)

    assert chosen() == ["en"]
    actions.keep_card(
        actor=here.actor("associate"), ref=case.pk, values={"language": "中文, some English"}, source="customer"
    )
    assert chosen() == ["zh-hans"]


def test_the_note_is_in_the_language_that_was_chosen(here: World) -> None:
    case = here.case(site_id=here.site.pk)
    both = add_macro(
        actor=SYSTEM, service_id=None, acts=Acts("Both", note="Held {{ service }}", note_zh="已接手 {{ service }}")
    )
    one = add_macro(actor=SYSTEM, service_id=None, acts=Acts("One", note="Held {{ service }}"))

    def note(macro: Macro, language: str, **said: str) -> str:
        data = {"macro": macro.pk, "language": language, **said}
        html = act(here, "associate", case, "macro", data, htmx=True).content.decode()
        found = re.search(r'<textarea name="note"[^>]*>\s*(.*?)</textarea>', html, re.S)
        assert found
        return found[1]

    assert [note(both, "en"), note(both, "zh-hans")] == ["Held Social media", "已接手 社交媒体"]
    assert note(one, "zh-hans") == "Held 社交媒体", "there is no other"
    # What was written into it stays where it is looked at once more, and goes with another language.
    assert note(both, "zh-hans", seen=f"{both.pk}.1.en", note="Mine") == "已接手 社交媒体"
    page = here.client("associate").get(f"/macros/{both.pk}/")
    assert page.status_code == 404
    assert "已接手 {{ service }}" in here.client("auditor").get(f"/macros/{both.pk}/").content.decode()


def test_a_note_in_chinese_stands_beside_one_in_english(here: World) -> None:
    lead = here.client("service_lead")
    said = {"service": here.service.pk, "name": "Hold", "note": "", "note_zh": "已接手"}
    alone = lead.post("/macros/new/", said)
    assert (alone.status_code, "Write the note in English, too" in alone.content.decode()) == (422, True)
    unread = lead.post("/macros/new/", {**said, "note": "Held", "note_zh": "已接手 {{ nobody }}"})
    assert (unread.status_code, "there is no variable “nobody”" in unread.content.decode()) == (422, True)
    assert lead.post("/macros/new/", {**said, "note": "Held"}).status_code == 302
    made = Macro.objects.get()
    assert "已接手" in lead.get(f"/macros/{made.pk}/").content.decode()
    assert lead.post(f"/macros/{made.pk}/", {"name": "Hold", "version": 1, "note": "Held"}).status_code == 302
    made.refresh_from_db()
    assert (made.note, made.note_zh) == ("Held", "")


def test_a_known_fact_stops_a_macro_and_is_shown(here: World) -> None:
    case, macro = here.case(), holding(here)
    actions.record_fact(actor=here.actor("manager"), ref=case.pk, key="booking", text="HX-7", source="checked")
    asked = {"macro": macro.pk, "language": "en"}
    html = act(here, "associate", case, "macro", asked).content.decode()
    assert "HX-7" in html
    assert "Dear" not in html
    seen = re.search(r'name="seen" value="([^"]+)"', html)
    assert seen
    why = {**asked, "seen": seen[1], "note": "Held", "text": "", "ask_reason": "Wrong number"}
    assert "Dear ⟦Preferred name⟧" in act(here, "associate", case, "macro", why).content.decode()
    assert act(here, "associate", case, "macro", {**why, "text": "Dear Al"}).status_code == 302
    assert TemplateUse.objects.get().asked_known == ["booking"]


@pytest.mark.parametrize("said", [{}, {"macro": "x"}, {"macro": "9" * 30}, {"language": "fr"}, {"macro": "1\x00"}])
def test_nonsense_runs_nothing(here: World, said: dict[str, str]) -> None:
    case, macro = here.case(), holding(here)
    data = {"macro": macro.pk, "language": "en", **said} if said else {}
    assert act(here, "associate", case, "macro", data).status_code == 422
    case.refresh_from_db()
    assert case.state == "new"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": " "}, "name_needed"),
        ({"note": "{{ nobody }}"}, "template_unreadable"),
        ({"verb": "reject"}, "unknown_value"),
        ({"verb": "explode"}, "unknown_value"),
        ({"reply_id": 10**15}, "unknown_value"),
        ({"take": False, "note": "", "reply_id": None, "verb": ""}, "macro_empty"),
    ],
)
def test_bad_macros_are_refused(here: World, wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        holding(here, **wrong)
    assert refused.value.code == code


def test_macros_are_written_by_leads_and_administrators(here: World) -> None:
    lead = here.client("service_lead")
    assert "All services" not in lead.get("/macros/new/").content.decode()
    empty = lead.post("/macros/new/", {"service": here.service.pk, "name": "Take"})
    assert "A macro does at least one thing." in empty.content.decode()
    assert lead.post("/macros/new/", {"service": here.service.pk, "name": "Take", "take": "on"}).status_code == 302
    macro = Macro.objects.get()
    url = f"/macros/{macro.pk}/"
    assert lead.post(url, {"name": "Take", "version": 1, "note": "{{ x }}", "take": "on"}).status_code == 422
    assert lead.post(url, {"name": "Take it", "version": 1, "take": "on"}).status_code == 302
    assert lead.post(url, {"name": "Stale", "version": 1, "take": "on"}).status_code == 409
    assert "Take it" in here.client("auditor").get(url).content.decode()
    general = add_macro(actor=SYSTEM, service_id=None, acts=Acts("For all", take=True))
    assert lead.post(f"/macros/{general.pk}/", {"name": "Mine", "version": 1, "take": "on"}).status_code == 403
    assert here.client("other_associate").get("/macros/").status_code == 404
    archive_macro(actor=SYSTEM, macro_id=macro.pk)
    form = here.client("associate").get(f"/cases/{here.case().ref}/macro/").content.decode()
    assert ("For all" in form, "Take it" in form) == (True, False)


def test_a_macro_whose_template_is_archived_is_not_run(here: World) -> None:
    case, macro = here.case(), holding(here)
    actions.archive_template(actor=SYSTEM, template_id=macro.reply_id or 0)
    before = state_of(case)
    with pytest.raises(Refused) as refused:
        run(here, case, macro)
    assert refused.value.code == "macro_template_archived"
    form = here.client("associate").get(f"/cases/{case.ref}/macro/").content.decode()
    assert ">Hold<" not in form
    html = act(here, "associate", case, "macro", {"macro": macro.pk, "language": "en"}).content.decode()
    assert "Dear" not in html
    assert state_of(case) == before
    actions.archive_template(actor=SYSTEM, template_id=macro.reply_id or 0, archived=False)
    assert run(here, case, macro).state == "waiting_customer"


def test_sent_twice_a_macro_is_done_once(here: World) -> None:
    case, macro = here.case(), holding(here, take=False, verb="")
    read = case.version
    run(here, case, macro, expected_version=read)
    with pytest.raises(actions.Stale):
        run(here, case, macro, expected_version=read)
    assert case.entries.filter(kind="contact", direction="out").count() == 1


def test_the_database_keeps_macros_whole(here: World) -> None:
    def refused(values: str) -> str:
        row = "INSERT INTO escalations_macro (name, name_zh, take, note, verb, version) VALUES "
        with pytest.raises(IntegrityError) as error, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(row + values)
        return str(error.value)

    assert "macro_named" in refused("('', '', true, '', '', 1)")
    assert "macro_does_something" in refused("('x', '', false, '', '', 1)")
    assert "macro_verb_known" in refused("('x', '', true, '', 'reject', 1)")
    assert "macro_name_once" in refused("('x', '', true, '', '', 1), ('x', '', true, '', '', 1)")
