"""A form that is sent twice is done once, with script and without."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client, RequestFactory

from escalations.models import Case, CaseFact, StepEvent, TimelineEntry
from portal.ui.pressing import press
from tests.escalations.pages_world import HTMX, World, world
from tests.factories.playbooks import published, step

pytestmark = pytest.mark.django_db

FORMS: dict[str, dict[str, str]] = {
    "contact": {"channel": "phone", "direction": "out", "outcome": "reached", "text": "Spoke"},
    "fact": {"key": "", "text": "Indoors", "source": "customer"},
    "escalate": {"reason": "The press called"},
    "note": {"text": "Called the bank", "shared": "0"},
}


@pytest.fixture
def here() -> World:
    return world()


def hidden(html: str) -> dict[str, str]:
    """What a form carries unseen."""
    return dict(re.findall(r'<input type="hidden" name="(press|claim|version)" value="([^"]+)"', html))


def shown(client: Client, case: Case, name: str) -> dict[str, str]:
    """What the form of one act carries unseen, on its own page or on that of the case."""
    html = client.get(f"/cases/{case.ref}/" if name == "note" else f"/cases/{case.ref}/{name}/").content.decode()
    if name == "note":
        html = html[html.index('id="composer"') :]
    return hidden(html)


def written(case: Case) -> tuple[int, int, int]:
    """Entries, facts and level of the case."""
    level = Case.objects.values_list("escalation_level", flat=True).get(pk=case.pk)
    return TimelineEntry.objects.filter(case=case).count(), CaseFact.objects.filter(entry__case=case).count(), level


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_two_presses_of_one_form_are_one_act(here: World, name: str, headers: dict[str, str]) -> None:
    case, client = here.case(), here.client("coordinator")
    before = written(case)
    said = {**FORMS[name], **shown(client, case, name)}
    address = f"/cases/{case.ref}/{name}/"
    first = client.post(address, said, headers=headers)
    assert first.status_code in (200, 302)
    once = written(case)
    assert once != before
    second = client.post(address, said, headers=headers)
    assert written(case) == once
    if headers:
        assert (second.status_code, second["HX-Refresh"]) == (204, "true")
    else:
        assert second["Location"] == first["Location"]
    assert client.post(address, {**said, **shown(client, case, name)}).status_code == 302
    assert written(case) > once, "the same words from a form of their own are another act"


def test_two_presses_of_one_step_are_one_tick_and_no_conflict(here: World) -> None:
    published(step("call"), service=here.service)
    case, client = here.case(), here.client("associate")
    form = client.get(f"/cases/{case.ref}/playbook/", headers=HTMX).content.decode().partition('<li id="step-call"')[2]
    said = dict(re.findall(r'<input type="hidden" name="(press|seen)" value="([^"]+)"', form.partition("</form>")[0]))
    assert set(said) == {"press", "seen"}
    answers = [client.post(f"/cases/{case.ref}/steps/call/", {"what": "done", **said}) for _press in range(2)]
    assert [(one.status_code, one["Location"]) for one in answers] == [(302, answers[0]["Location"])] * 2
    assert StepEvent.objects.filter(entry__case=case, step__key="call").count() == 1


def test_what_was_refused_was_not_taken(here: World) -> None:
    case, client = here.case(), here.client("coordinator")
    said = shown(client, case, "contact")
    address = f"/cases/{case.ref}/contact/"
    assert client.post(address, {**FORMS["contact"], **said, "text": ""}).status_code == 422
    assert client.post(address, {**FORMS["contact"], **said}).status_code == 302
    assert TimelineEntry.objects.filter(case=case, body__text="Spoke").count() == 1


def test_other_words_in_a_form_that_was_taken_are_another_act(here: World) -> None:
    case, client = here.case(), here.client("coordinator")
    said = {**FORMS["note"], **shown(client, case, "note")}
    address = f"/cases/{case.ref}/note/"
    for text in ("Called the bank", "Called the bank. They call back.", "Called the bank"):
        assert client.post(address, {**said, "text": text}, headers=HTMX).status_code in (200, 204)
    texts = (
        TimelineEntry.objects.filter(case=case, body__text__startswith="Called")
        .order_by("pk")
        .values_list("body__text", flat=True)
    )
    assert list(texts) == ["Called the bank", "Called the bank. They call back."]


def test_who_signed_out_meanwhile_stays_so_and_nothing_is_done(here: World) -> None:
    case, client = here.case(), here.client("coordinator")
    request = RequestFactory().post("/", {"press": str(uuid4())})
    request.session = client.session

    def work() -> HttpResponse:
        Session.objects.all().delete()
        Case.objects.filter(pk=case.pk).update(subject="Done all the same")
        return HttpResponse("done")

    with pytest.raises(SessionInterrupted):
        press(request, work, "/")
    # The work and the sign-out inside it are taken back together; a sign-out of before is seen before the work begins.
    assert (Session.objects.count(), Case.objects.get().subject) == (1, case.subject)
    Session.objects.all().delete()
    with pytest.raises(SessionInterrupted):
        press(request, work, "/")
    assert (Session.objects.count(), Case.objects.get().subject) == (0, case.subject)


@pytest.mark.parametrize("name", ["", "x", "\x00", "1" * 500])
def test_a_form_with_no_name_of_its_own_is_done_as_ever(here: World, name: str) -> None:
    case, client = here.case(), here.client("coordinator")
    for _ in range(2):
        assert client.post(f"/cases/{case.ref}/contact/", {**FORMS["contact"], "press": name}).status_code == 302
    assert TimelineEntry.objects.filter(case=case, body__text="Spoke").count() == 2


def test_a_case_goes_up_from_the_level_that_was_shown(here: World) -> None:
    case = here.case()
    one, other = here.client("coordinator"), here.client("manager")
    mine, theirs = shown(one, case, "escalate"), shown(other, case, "escalate")
    address, said = f"/cases/{case.ref}/escalate/", FORMS["escalate"]
    assert one.post(address, {**said, **mine}).status_code == 302
    late = other.post(address, {**said, **theirs}, headers=HTMX)
    assert late.status_code == 409
    assert "Coordinator changed this case a moment ago" in late.content.decode()
    assert one.post(address, said).status_code == 422, "a form without a version is asked again"
    assert written(case)[2] == 1


def test_several_cases_go_up_once(here: World) -> None:
    cases, client = [here.case("One"), here.case("Two")], here.client("coordinator")
    query: dict[str, Any] = {"op": "escalate", "case": [case.pk for case in cases], "next": "/queue/?tab=mine"}
    said = {**query, **FORMS["escalate"], **hidden(client.get("/queue/bulk/", query).content.decode())}
    assert client.post("/queue/bulk/", said).status_code == 200
    again = client.post("/queue/bulk/", said, follow=True)
    assert "This was sent before. Look at the cases before you send it anew." in again.content.decode()
    assert not Case.objects.exclude(escalation_level=1).exists()
