"""The first policies: what is offered while there is none, and who is told that no clock runs."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.choices import Role
from portal.accounts.rules import SYSTEM
from sla import actions
from sla.actions.policies import policy_content
from sla.actions.starting import PoliciesExistError, create_starters
from sla.models import Calendar, Policy
from tests.factories.accounts import PlaceServiceFactory, PlaceSiteFactory, administrator, somebody
from tests.factories.sla import CalendarFactory, PolicyFactory
from tests.sla.subjects import STARTERS, Memory, remembered
from tests.sla.test_screens import client_of, words

pytestmark = pytest.mark.django_db
URL = "/sla/policies/starter/thing/"
NO_POLICY = "No SLA policy yet: no clocks run"
HOURS = {"first_response-0": "1", "resolution-0": "1.5", "first_response-1": "2", "resolution-1": "3"}


@pytest.fixture(autouse=True)
def memory() -> Iterator[Memory]:
    with remembered() as found:
        yield found


@pytest.fixture
def admin() -> Client:
    return client_of(administrator())


def test_the_form_comes_filled_in_and_what_it_makes_holds(admin: Client) -> None:
    page = admin.get(URL).content.decode()
    assert 'name="resolution-0" value="1.5"' in page
    response = admin.post(URL, {"calendar": "new", **HOURS, "resolution-1": "4"}, follow=True)
    assert "2 policies are in force." in words(response)
    first, second = Policy.objects.order_by("position")
    assert (first.name, first.name_zh, second.name) == ("Severity 1", "1 级", "Severity 2")
    content = policy_content(second.versions.get())
    assert content.match == {"severity": ("2",)}
    assert {metric: target.minutes for metric, target in content.targets.items()} == {
        "first_response": 120,
        "resolution": 240,
    }
    assert content.targets["resolution"].pause_states == ("waiting",)
    assert [level.who for level in content.levels] == [("owner",), ("coordinator",)]
    assert Calendar.objects.get().label == "Around the clock"


def test_clocks_run_afterwards(admin: Client) -> None:
    from django.utils import timezone

    admin.post(URL, {"calendar": str(CalendarFactory().pk), **HOURS})
    made = actions.start(
        actor=SYSTEM, subject_kind="thing", subject_id=1, dimensions={"severity": "1"},
        metrics=["first_response", "resolution"], at=timezone.now(),
    )  # fmt: skip
    assert [clock.target_seconds for clock in made] == [3600, 5400]


def test_an_empty_cell_is_no_clock_and_an_empty_row_no_policy(admin: Client) -> None:
    admin.post(URL, {"calendar": str(CalendarFactory().pk), "resolution-1": "3"})
    policy = Policy.objects.get()
    assert (policy.name, list(policy_content(policy.versions.get()).targets)) == ("Severity 2", ["resolution"])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"calendar": "999999"}, "Select a valid choice"),
        ({"calendar": "\0"}, "Select a valid choice"),
        ({"resolution-0": "soon"}, "Enter a number."),
        ({"resolution-0": "-1"}, "Write 0.1 or more, or leave it empty."),
        ({"resolution-0": "1e9"}, "less than or equal to"),
        ({"resolution-0": "NaN"}, "Enter a number."),
        (dict.fromkeys(HOURS, ""), "Give at least one target."),
    ],
)
def test_what_cannot_be(admin: Client, changes: dict[str, str], said: str) -> None:
    response = admin.post(URL, {"calendar": "new", **HOURS, **changes})
    assert response.status_code == 422
    assert said in words(response)
    assert not Policy.objects.exists()
    assert not Calendar.objects.exists()


def test_with_a_policy_the_offer_is_gone(admin: Client) -> None:
    PolicyFactory(subject_kind="thing", targets={"resolution": 60})
    assert admin.get(URL).headers["Location"] == reverse("sla:policies")
    assert admin.post(URL, {"calendar": "new", **HOURS}).headers["Location"] == reverse("sla:policies")
    with pytest.raises(PoliciesExistError):
        create_starters(actor=SYSTEM, subject_kind="thing", calendar_id=None, chosen=[(STARTERS[0], {"resolution": 1})])
    assert Policy.objects.count() == 1


def test_who_may_not(admin: Client) -> None:
    lead = client_of(somebody(Role.ASSOCIATE, service=PlaceServiceFactory(), is_lead=True))
    for client, status in ((lead, 403), (client_of(somebody(Role.AUDITOR)), 403)):
        assert (client.get(URL).status_code, client.post(URL, HOURS).status_code) == (status, status)
    coordinator = client_of(somebody(Role.COORDINATOR, site=PlaceSiteFactory()))
    assert coordinator.post(URL, HOURS).status_code == 404
    assert admin.get("/sla/policies/starter/other/").status_code == 404
    assert not Policy.objects.exists()


def test_my_day_says_that_no_clock_runs_until_a_policy_is_there(admin: Client) -> None:
    coordinator = client_of(somebody(Role.COORDINATOR, site=PlaceSiteFactory()))
    agent = client_of(somebody(Role.AGENT, site=PlaceSiteFactory()))
    day = reverse("home:day")
    assert URL in admin.get(day).content.decode()
    assert f"{NO_POLICY} An administrator sets the first ones up." in words(coordinator.get(day))
    assert URL not in coordinator.get(day).content.decode()
    assert NO_POLICY not in words(agent.get(day))
    assert URL in admin.get(reverse("sla:policies")).content.decode()
    PolicyFactory(subject_kind="thing", targets={"resolution": 60})
    assert NO_POLICY not in words(admin.get(day)) + words(coordinator.get(day))
