"""First checks: configured in both languages, shown one at a time, kept with the report in the words of that day."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import translation

from access_requests.actions import trouble
from access_requests.models import AccessRequest, System, TriedCheck, TroubleReport
from access_requests.queries.first_checks import MOST, code_of, own_checks
from access_requests.wording.trouble import CHECKS
from portal.accounts.models import User
from tests.access_requests.readiness_world import Wave, text_of, wave

pytestmark = pytest.mark.django_db
NEW = "/access/trouble/new/"


@pytest.fixture
def made() -> Wave:
    """The desk has a check of its own, and its seat two, one of them the same."""
    made = wave()
    made.desk.system.first_checks, made.desk.system.first_checks_zh = ["Look at the lamp"], ["看指示灯"]
    made.desk.system.save()
    made.desk.first_checks = ["Empty the cache", "Look at the LAMP"]
    made.desk.save()
    return made


def shown(page: str) -> str:
    """What the step asks to try."""
    found = re.search(r'<p class="med">(.*?)</p>', page)
    return unescape(found[1]) if found else ""


def pressed(client: Client, page: str, *, tried: bool) -> str:
    """The page behind one of the step's buttons, as a browser without script sends the form."""
    form = re.search(r'<form method="get".*?</form>', page, re.DOTALL)
    assert form is not None
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[0])
    button = re.search(r'<button[^>]*name="check" value="([^"]*)"', form[0])
    assert button is not None
    data: dict[str, list[str]] = {}
    for name, value in [*fields, *([("check", button[1])] if tried else [])]:
        data.setdefault(name, []).append(value)
    return text_of(client, NEW, **data)


def test_the_systems_checks_come_first_then_the_symptoms_one_at_a_time(made: Wave) -> None:
    lead, person = made.client("lead"), made.joiner("Zhou Ting", -50)
    assert "VPN or network" in text_of(lead, NEW)
    assert "Case desk" in text_of(lead, NEW, symptom="vpn")
    page = text_of(lead, NEW, symptom="vpn", system=made.desk.system.code, step="1")
    seen = []
    while shown(page):
        assert f"First check {len(seen) + 1} of 7" in page
        assert "It works now" in page
        seen.append(shown(page))
        # One thing could not be tried.
        page = pressed(lead, page, tried=len(seen) != 3)
    assert seen == ["Look at the lamp", "Empty the cache", *(str(text) for _code, text in CHECKS["vpn"])]
    assert not AccessRequest.objects.exists()
    assert seen[0] in page
    assert seen[2] not in page
    codes = re.findall(r'name="check" value="([^"]*)"', page)
    assert codes == [code_of(seen[0]), code_of(seen[1]), *(code for code, _text in CHECKS["vpn"][1:])]
    data = {
        "symptom": "vpn",
        "site": made.site.code,
        "system": made.desk.system.code,
        "person": person.pk,
        "check": codes,
    }
    sent = lead.post(NEW, data, follow=True).content.decode()
    found = TroubleReport.objects.get()
    assert found.system == made.desk.system
    assert found.checks == sorted(code for code, _text in CHECKS["vpn"][1:])
    assert [(one.number, one.text, one.text_zh) for one in found.tried.order_by("number")] == [
        (1, "Look at the lamp", "看指示灯"), (2, "Empty the cache", ""),
    ]  # fmt: skip
    assert "Empty the cache" in sent
    assert str(CHECKS["vpn"][0][1]) not in sent


def test_what_was_tried_stays_in_the_words_of_that_day_and_in_both_languages(made: Wave) -> None:
    person = made.joiner("Zhou Ting", -50)
    codes = [code_of("Look at the lamp"), code_of("Was here last week"), "restart"]
    found = trouble.report(
        actor=made.actor("lead"), site_id=made.site.pk, person_id=person.pk, symptom="vpn",
        system_id=made.desk.system_id, checks=codes,
    )  # fmt: skip
    System.objects.filter(pk=made.desk.system_id).update(first_checks=["Something else"], first_checks_zh=[])
    url = f"/access/trouble/{found.request.ref}/"
    page = text_of(made.client("it"), url)
    assert "Look at the lamp" in page
    assert "Something else" not in page
    assert TriedCheck.objects.count() == 1
    User.objects.filter(pk=made.users["it"].pk).update(language="zh-hans")
    assert "看指示灯" in text_of(made.client("it"), url)


def test_checks_follow_the_readers_language_and_there_are_not_too_many(made: Wave) -> None:
    with translation.override("zh-hans"):
        assert [one.label for one in own_checks(made.desk.system_id)] == ["看指示灯", "Empty the cache"]
    made.phone.first_checks = [f"Check {number}" for number in range(30)]
    made.phone.save()
    assert len(own_checks(made.phone.system_id)) == MOST
    assert own_checks(None) == []


def test_back_and_straight_to_the_report_keep_what_was_tried(made: Wave) -> None:
    lead = made.client("lead")
    code = code_of("Look at the lamp")
    page = text_of(lead, NEW, symptom="vpn", system=made.desk.system.code, step="2", check=[code])
    links = [unescape(one) for one in re.findall(r'<a href="(/access/trouble/new/\?[^"]*)"', page)]
    assert [parse_qs(urlsplit(one).query)["step"] for one in links] == [["1"], ["report"]]
    assert all(parse_qs(urlsplit(one).query)["check"] == [code] for one in links)
    assert "Look at the lamp" in text_of(lead, links[1])


@pytest.mark.parametrize(
    "query", ["step=0", "step=x", "step=9999", "step=-1", "step=%00", "system=nope&step=1", "system=%00&step=1",
              "check=nope&step=1", "check=%00&step=2"],
)  # fmt: skip
def test_steps_that_do_not_exist_are_not_found(made: Wave, query: str) -> None:
    assert made.client("lead").get(f"{NEW}?symptom=vpn&{query}").status_code == 404


def test_a_system_that_is_gone_is_said_at_the_form(made: Wave) -> None:
    person = made.joiner("Zhou Ting", -50)
    for wanted in ("nope", "\0"):
        data = {"symptom": "vpn", "site": made.site.code, "person": person.pk, "system": wanted}
        answer = made.client("lead").post(NEW, data)
        assert answer.status_code == 422
        assert "not in use any more" in answer.content.decode()
    assert not TroubleReport.objects.exists()


def test_whoever_asks_for_several_sites_says_which(made: Wave) -> None:
    manager = made.client("manager")
    page = text_of(manager, NEW, symptom="vpn", step="1")
    assert shown(page), "one site needs no question"


def test_chinese_lines_pair_with_the_english_ones(made: Wave) -> None:
    admin = made.client("administrator")
    url = f"/access/config/entitlements/{made.desk.pk}/change/"
    data = {"version": 1, "name": "Agent seat", "first_checks": "One\nTwo", "first_checks_zh": "一"}
    assert "as many lines in Chinese" in admin.post(url, data).content.decode()
    assert admin.post(url, {**data, "first_checks_zh": "一\n二"}).status_code == 302
    page = text_of(admin, f"/access/config/entitlements/{made.desk.pk}/")
    assert "what to try before trouble is reported" in page
    made.desk.refresh_from_db()
    assert made.desk.checks_with_chinese == [("One", "一"), ("Two", "二")]
    with pytest.raises(IntegrityError, match="system_checks_paired"), transaction.atomic():
        System.objects.filter(pk=made.desk.system_id).update(first_checks_zh=["一", "二", "三"])
