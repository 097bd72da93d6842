"""Pages of who works when and takes what: what they show, who may change it, bad input, and two who change at once."""

from datetime import time

import pytest
from django.http import Http404

from escalations.actions import Refused, give_unowned, set_own_hours, set_workload
from escalations.actions.workload import Taken
from escalations.models import Case, Giving, IssueSkill, Service, Workload, WorkShift
from escalations.queries.languages import language_of
from escalations.rules.assigning import Shift
from tests.escalations.pages_world import World, world
from tests.factories.assigning import always_on, takes
from tests.factories.escalations import IssueTypeFactory

pytestmark = pytest.mark.django_db
WEEK = {f"{end}{day}": "" for day in range(7) for end in ("from", "to")}


@pytest.fixture
def made() -> World:
    return world()


def address(made: World, who: str = "associate") -> str:
    return f"/services/{made.service.code}/people/{made.users[who].pk}/"


def page(made: World, url: str, who: str = "service_lead") -> str:
    return made.client(who).get(url).content.decode()


def test_a_lead_says_who_takes_what_and_everybody_of_the_service_reads_it(made: World) -> None:
    refunds = IssueTypeFactory(name="Refunds")
    sent = WEEK | {
        "version": "0", "from0": "22:00", "to0": "06:00", "from4": "09:00", "to4": "17:30", "cap": "12", "languages": ["zh", "en"],
        "issues": [str(refunds.pk)],
    }  # fmt: skip
    answer = made.client("service_lead").post(address(made), sent)
    assert answer.status_code == 302
    shown = page(made, f"/services/{made.service.code}/people/")
    for words in ("Monday 22:00–06:00", "Friday 09:00–17:30", "Refunds", "Chinese", "English", "/ 12", "None set"):
        assert words in shown
    form = page(made, address(made))
    assert 'value="22:00"' in form
    assert 'value="12"' in form
    again = made.client("service_lead").post(address(made), sent)
    assert again.status_code == 409
    assert "Somebody changed this a moment ago" in again.content.decode()
    assert Workload.objects.get().version == 1


def test_days_of_the_same_hours_are_said_once(made: World) -> None:
    always_on(made.users["associate"].pk)
    nine_to_five = [Shift(day, time(9), time(17)) for day in (0, 1, 2, 4)]
    set_own_hours(actor=made.actor("service_lead"), shifts=nine_to_five)
    shown = page(made, f"/services/{made.service.code}/people/")
    assert "Monday–Sunday around the clock" in shown
    assert "Monday–Wednesday 09:00–17:00" in shown
    assert "Friday 09:00–17:00" in shown
    assert "Thursday 09:00" not in shown


def test_one_sets_ones_own_hours_and_nothing_else(made: World) -> None:
    takes(made.users["associate"].pk, cap=5)
    client = made.client("associate")
    assert (
        client.post("/hours/", WEEK | {"version": "1", "from1": "08:00", "to1": "16:00", "cap": "900"}).status_code
        == 302
    )
    assert [(row.weekday, row.starts, row.ends) for row in WorkShift.objects.all()] == [(1, time(8), time(16))]
    assert Workload.objects.get().cap == 5
    assert 'value="08:00"' in page(made, "/hours/", "associate")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"from2": "09:00"}, "Give both times, or none."),
        ({"to2": "25:00", "from2": "09:00"}, "Enter a valid time."),
        ({"cap": "0"}, "greater than or equal to 1"),
        ({"languages": ["xx"]}, "Select a valid choice"),
        ({"issues": ["999999999999"]}, "Select a valid choice"),
        ({"version": "x"}, "Enter a whole number."),
    ],
)
def test_bad_input_is_told_and_nothing_is_kept(made: World, wrong: dict[str, object], words: str) -> None:
    answer = made.client("service_lead").post(address(made), WEEK | {"version": "0"} | wrong)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Workload.objects.exists()
    assert not WorkShift.objects.exists()


def test_others_may_not(made: World) -> None:
    other = made.users["other_associate"]
    hours = [Shift(0, time(9), time(17))]
    with pytest.raises(Http404):
        set_workload(
            actor=made.actor("service_lead"), service_id=made.service.pk, user_id=other.pk, shifts=hours, taken=Taken()
        )
    with pytest.raises((Http404, Refused)):
        set_workload(
            actor=made.actor("service_lead"),
            service_id=made.other_service.pk,
            user_id=other.pk,
            shifts=hours,
            taken=Taken(),
        )
    with pytest.raises(Http404):
        set_own_hours(actor=made.actor("coordinator"), shifts=hours)
    assert made.client("service_lead").get(address(made, "other_associate")).status_code == 404
    assert not WorkShift.objects.exists()


def test_an_archived_issue_type_stays_with_whoever_took_it(made: World) -> None:
    old, new = IssueTypeFactory(archived_at="2026-01-01T00:00Z"), IssueTypeFactory()
    user = made.users["associate"]
    takes(user.pk, issues=[old])
    lead = made.actor("service_lead")
    set_workload(actor=lead, service_id=made.service.pk, user_id=user.pk, shifts=[], taken=Taken(None, [new.pk], []))
    assert set(IssueSkill.objects.values_list("issue_type", flat=True)) == {old.pk, new.pk}
    with pytest.raises(Refused) as no:
        set_workload(
            actor=lead, service_id=made.service.pk, user_id=user.pk, shifts=[], taken=Taken(None, [old.pk], [])
        )
    assert no.value.code == "unknown_issue"


def test_a_case_is_given_from_its_page_which_says_why_not_the_others(made: World) -> None:
    always_on(made.users["associate"].pk)
    case = made.case()
    shown = page(made, f"/cases/{case.ref}/give/")
    gets, _sep, rest = shown.partition("Not on duty")
    assert "Gets it" in gets
    assert made.users["associate"].name in gets
    assert made.users["service_lead"].name in shown
    assert "Other Associate" not in shown
    answer = made.client("service_lead").post(f"/cases/{case.ref}/give/", {"version": case.version}, follow=True)
    assert f"{case.ref} assigned to {made.users['associate'].name}" in answer.content.decode()
    assert rest


def test_nobody_is_free(made: World) -> None:
    case = made.case()
    answer = made.client("service_lead").post(f"/cases/{case.ref}/give/", {"version": case.version})
    assert answer.status_code == 422
    assert "Nobody who is on duty can take this case now." in answer.content.decode()


def test_the_next_case_is_taken_from_the_queue(made: World) -> None:
    case = made.case()
    assert "Take the next case" in page(made, "/queue/", "associate")
    assert "Take the next case" not in page(made, "/queue/", "coordinator")
    client = made.client("associate")
    assert f"{case.ref} is yours" in client.post("/cases/next/", follow=True).content.decode()
    assert "There is no unassigned case for you now." in client.post("/cases/next/", follow=True).content.decode()
    assert Case.objects.get(pk=case.pk).owner == made.users["associate"]


def test_a_service_is_told_to_give_by_itself(made: World) -> None:
    always_on(made.users["associate"].pk)
    case = made.case()
    settings = {
        "version": made.service.version,
        "name": "Social media",
        "name_zh": "",
        "calendar": "",
        "gives_cases": "on",
    }
    assert made.client("service_lead").post(f"/services/{made.service.code}/", settings).status_code == 302
    assert Service.objects.get(pk=made.service.pk).gives_cases
    assert "go by themselves" in page(made, f"/services/{made.service.code}/people/")
    assert give_unowned() == 1
    assert Giving.objects.get().case == case


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Portuguese (Brazil)", "pt"), ("普通话", "zh"), ("日本語", "ja"), ("中文，英语也可以", "zh"), ("speaks Deutsch", "de"), ("?", ""), ("", ""),
        ("UK English", "en"), ("He speaks Spanish", "es"), ("Prefers it in German", "de"), ("habla el español", "es"), ("IT", "it"),
        ("No English, Portuguese only", "pt"), ("不会英语，会普通话", "zh"), ("普通话和英语", "zh"), ("Tiếng Việt", "vi"), ("Norwegian", "nb"),
        ("Englishman in Berlin", ""), ("norsk bokmål", "nb"), ("zh-CN", "zh"), ("zh_Hans_CN", "zh"), ("pt-BR", "pt"),
    ],
)  # fmt: skip
def test_which_language_words_name(words: str, code: str) -> None:
    assert language_of(words) == code
