"""Who leaves loses access when the day is over; who comes back is the same person."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from partners import actions
from partners.models import Person, Site
from partners.tasks import end_lapsed_access
from portal.accounts.choices import Role
from portal.accounts.models import Membership, User
from portal.accounts.rules import SYSTEM
from tests.factories.partners import (
    PartnerFactory,
    PlacementFactory,
    days,
    placed,
    user,
)
from tests.partners.hiring import NOW, errors, verbs

pytestmark = pytest.mark.django_db


# --- Ending ---------------------------------------------------------------------------------------


def employee(site: Site) -> tuple[Person, User, Client]:
    """Somebody placed at a site, with a user who leads there and is signed in."""
    person = placed(site)
    account = user(Role.PARTNER_LEAD, site=site)
    account.person = person
    account.save()
    browser = Client()
    browser.force_login(account)
    return person, account, browser


def still_in(browser: Client) -> bool:
    """Whether the session works; only within hours of signing in, since sessions run out by themselves."""
    return browser.get(reverse("partners:sites")).status_code == 200


def has_access(account: User) -> bool:
    account.refresh_from_db()
    live = Membership.objects.filter(user=account, ended_at=None).exists()
    assert account.is_active == live
    return live


def test_the_last_day_ends_placements_now_and_access_when_the_day_is_over(client: Client, site: Site) -> None:
    person, account, browser = employee(site)
    later = PlacementFactory(site=site, person=person, kind="loan", period=days("2027-01-01"))
    engagement = person.engagements.get()
    # In Shanghai it is the 21st already.
    form = {"version": 1, "last_day": "2026-11-21"}
    url = reverse("partners:engagement_end", args=[engagement.pk])
    assert "Engagement ended" in client.post(url, form, follow=True).text
    assert person.placements.get(kind="primary").period == days("2024-01-01", "2026-11-21")
    later.refresh_from_db()
    assert later.cancelled_at == NOW
    assert verbs() == ["placement.withdrawn", "placement.ended", "engagement.ended"]
    with time_machine.travel("2026-11-21T15:00Z", tick=False):
        browser.force_login(account)
        assert end_lapsed_access() == 0
        assert has_access(account)
        assert still_in(browser)
    with time_machine.travel("2026-11-21T16:00Z", tick=False):  # midnight in Shanghai
        assert end_lapsed_access() == 1
        assert end_lapsed_access() == 0
        assert not has_access(account)
        assert not still_in(browser)
        assert verbs()[-1] == "user.access_ended"


@pytest.mark.parametrize("form", [{"last_day": "2026-11-20"}, {"last_day": "2026-12-31", "at_once": "on"}])
def test_access_ends_in_the_same_transaction_if_the_day_is_over_or_asked_for(
    client: Client, site: Site, form: dict[str, str]
) -> None:
    person, account, browser = employee(site)
    url = reverse("partners:engagement_end", args=[person.engagements.get().pk])
    assert client.post(url, {**form, "version": 1}).status_code == 302
    assert not still_in(browser)
    assert not Membership.objects.filter(user=account, ended_at=None).exists()
    assert end_lapsed_access() == 0


def test_if_ending_access_fails_nothing_is_written(client: Client, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    person, account, _browser = employee(site)
    engagement = person.engagements.get()

    def broken(**_values: Any) -> set[int]:
        Membership.objects.filter(user=account).update(ended_at=NOW)
        raise RuntimeError("lost the connection")

    monkeypatch.setattr("partners.actions.engagements.end_access", broken)
    with pytest.raises(RuntimeError):
        actions.end_engagement(actor=SYSTEM, pk=engagement.pk, last_day=date(2026, 11, 1))
    engagement.refresh_from_db()
    assert engagement.period == days("2024-01-01")
    assert person.placements.get().period == days("2024-01-01")
    assert Membership.objects.filter(user=account, ended_at=None).exists()
    assert verbs() == []


def test_the_next_contract_with_the_same_employer_keeps_access_and_another_employer_does_not(site: Site) -> None:
    stays, staying, _browser = employee(site)
    goes, going, _browser = employee(site)
    for person, employer in ((stays, site.partner), (goes, PartnerFactory())):
        actions.end_engagement(actor=SYSTEM, pk=person.engagements.get().pk, last_day=date(2026, 11, 21))
        values = actions.EngagementValues(employer.pk, date(2026, 11, 22))
        actions.add_engagement(actor=SYSTEM, person_id=person.pk, values=values)
    with time_machine.travel("2026-11-22T06:00Z", tick=False):
        assert end_lapsed_access() == 2
        assert has_access(staying)
        assert not has_access(going)


def test_a_rehire_is_the_same_person_without_the_old_access(client: Client, site: Site) -> None:
    person, account, browser = employee(site)
    actions.end_engagement(actor=SYSTEM, pk=person.engagements.get().pk, last_day=date(2026, 11, 1))
    form = {"employer": site.partner_id, "employee_number": "B-2", "first_day": "2026-11-10"}
    assert client.post(reverse("partners:engagement_new", args=[person.pk]), form).status_code == 302
    assert person.engagements.count() == 2
    assert not still_in(browser)
    assert not Membership.objects.filter(user=account, ended_at=None).exists()


def test_history_that_is_entered_late_ends_nobodys_access(site: Site) -> None:
    person, _account, browser = employee(site)
    values = actions.EngagementValues(PartnerFactory().pk, date(2020, 1, 1), date(2021, 1, 1))
    old = actions.add_engagement(actor=SYSTEM, person_id=person.pk, values=values)
    assert end_lapsed_access() == 0
    corrected = actions.EngagementValues(old.employer_id, date(2020, 1, 1), date(2021, 6, 1))
    actions.change_engagement(actor=SYSTEM, pk=old.pk, version=1, values=corrected)
    assert end_lapsed_access() == 0
    assert still_in(browser)


def test_an_engagement_that_goes_on_after_all_is_watched_again(site: Site) -> None:
    person, account, _browser = employee(site)
    row = person.engagements.get()
    actions.end_engagement(actor=SYSTEM, pk=row.pk, last_day=date(2026, 11, 25))
    values = actions.EngagementValues(row.employer_id, date(2024, 1, 1), date(2026, 11, 28))
    actions.change_engagement(actor=SYSTEM, pk=row.pk, version=2, values=values)
    with time_machine.travel("2026-11-27T00:00Z", tick=False):
        assert end_lapsed_access() == 0
        assert has_access(account)
    with time_machine.travel("2026-11-28T16:00Z", tick=False):
        assert end_lapsed_access() == 1
        assert not has_access(account)


def test_refusals_of_an_end(client: Client, site: Site) -> None:
    person = placed(site)
    url = reverse("partners:engagement_end", args=[person.engagements.get().pk])
    assert errors(client.post(url, {"version": 1, "last_day": "2023-12-31"})) == {
        "last_day": ["Choose 1 Jan 2024 or later."]
    }
    assert set(errors(client.post(url, {"version": 1}))) == {"last_day"}
    client.post(url, {"version": 1, "last_day": "2026-11-30"})
    assert errors(client.post(url, {"version": 2, "last_day": "2026-12-31"})) == {
        "last_day": ["The engagement ends before 1 Dec 2026 already. Choose an earlier day."]
    }
