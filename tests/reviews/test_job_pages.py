"""Report jobs by their pages: set up, sent to somebody, paused, let go on, made at once."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from portal.accounts.actions import deactivate
from portal.accounts.choices import Role
from portal.accounts.models import Membership, User
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM
from reviews.actions.making import make_packs
from reviews.models import Pack, ReportJob
from reviews.queries.jobs import could_receive, recipients_of, sees, who_sees
from reviews.rules.standing import Place
from tests.factories.partners import SiteFactory, user
from tests.factories.reviews import ReportJobFactory, kind_of

pytestmark = pytest.mark.django_db
URL = "/reviews/jobs/"


def client_of(who: User) -> Client:
    client = Client()
    client.force_login(who)
    return client


def typed(**more: Any) -> dict[str, Any]:
    usual = {
        "weekday": "0", "days_after": "3", "at": "08:00", "time_zone": "Asia/Shanghai", "formats": ["pdf", "xlsx"], "language": "en",
    }  # fmt: skip
    return usual | more


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_a_coordinator_sets_up_the_weekly_pack_and_chooses_who_is_sent_it() -> None:
    site, other = SiteFactory.create(name="Cebu"), SiteFactory.create(name="Dalian")
    me, lead = user(Role.COORDINATOR, site=site), user(Role.PARTNER_LEAD, site=site)
    foreign = user(Role.PARTNER_LEAD, site=other)
    client = client_of(me)
    page = text_of(client.get(f"{URL}new/"))
    assert "Cebu" in page
    assert "Dalian" not in page
    assert 'value="network"' not in page
    answer = client.post(f"{URL}new/", typed(kind=kind_of().pk, about=f"site-{site.code}", time_zone=""))
    job = ReportJob.objects.get()
    assert job.time_zone == site.time_zone == "Asia/Shanghai"
    assert answer["Location"] == f"{URL}{job.pk}/change/"
    assert (job.site, job.partner, job.scope, job.formats, job.made_by) == (site, None, "site", ["pdf", "xlsx"], me)
    assert timezone.now() < job.next_at <= timezone.now() + timedelta(days=7)
    page = text_of(client.get(f"{URL}{job.pk}/change/"))
    assert lead.name in page
    assert foreign.name not in page
    client.post(f"{URL}{job.pk}/change/", typed(version="1", recipients=[str(me.pk), str(lead.pk)], at="09:30"))
    job.refresh_from_db()
    assert (job.version, job.at.isoformat(), job.subscriptions.count()) == (2, "09:30:00", 2)
    page = text_of(client.get(f"{URL}{job.pk}/"))
    assert lead.name in page
    assert "Monday, 09:30" in page
    assert "Cebu" in text_of(client.get(URL))


def test_whoever_runs_a_whole_partner_reports_on_it_and_the_network_is_for_those_who_see_it() -> None:
    site = SiteFactory.create()
    manager, administrator = user(Role.MANAGER, partner=site.partner), user(Role.ADMINISTRATOR)
    SiteFactory.create()
    page = text_of(client_of(manager).get(f"{URL}new/"))
    assert f'value="partner-{site.partner.code}"' in page
    assert 'value="network"' not in page
    made = client_of(manager).post(f"{URL}new/", typed(kind=kind_of("monthly").pk, about="network"))
    assert (made.status_code, ReportJob.objects.count()) == (422, 0)
    client_of(manager).post(f"{URL}new/", typed(kind=kind_of("monthly").pk, about=f"partner-{site.partner.code}"))
    job = ReportJob.objects.get()
    assert job.partner == site.partner
    page = text_of(client_of(manager).get(f"{URL}{job.pk}/change/"))
    assert "Days after the end" in page
    assert "Weekday" not in page
    answer = client_of(manager).post(f"{URL}{job.pk}/change/", typed(version="1", days_after="61"))
    assert "less than or equal to 60" in text_of(answer)
    assert 'value="network"' in text_of(client_of(administrator).get(f"{URL}new/"))


def test_a_second_job_of_a_kind_and_place_is_refused_at_the_field() -> None:
    job = ReportJobFactory.create()
    client = client_of(user(Role.COORDINATOR, site=job.site))
    answer = client.post(f"{URL}new/", typed(kind=kind_of().pk, about=f"site-{job.site.code}"))
    assert answer.status_code == 422
    assert "There is a job of this kind for this place already." in text_of(answer)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"at": "25:00"}, "Enter a valid time"), ({"weekday": "7"}, "valid choice"),
        ({"time_zone": "Mars/Base"}, "valid choice"), ({"formats": ["docx"]}, "valid choice"), ({"recipients": ["x\x00"]}, "valid choice"),
        ({"recipients": ["999999999999999999999"]}, "valid choice"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_at_the_field(wrong: dict[str, Any], said: str) -> None:
    job = ReportJobFactory.create()
    client = client_of(user(Role.COORDINATOR, site=job.site))
    answer = client.post(
        f"{URL}{job.pk}/change/",
        typed(version="1", **wrong) if "recipients" in wrong else {**typed(version="1"), **wrong},
    )
    assert answer.status_code == 422
    assert said in text_of(answer)
    job.refresh_from_db()
    assert job.version == 1


def test_somebody_who_may_not_see_it_is_not_added() -> None:
    job = ReportJobFactory.create()
    client, stranger = (
        client_of(user(Role.COORDINATOR, site=job.site)),
        user(Role.PARTNER_LEAD, site=SiteFactory.create()),
    )
    answer = client.post(f"{URL}{job.pk}/change/", typed(version="1", recipients=[str(stranger.pk)]))
    assert (answer.status_code, job.subscriptions.count()) == (422, 0)


@pytest.mark.parametrize("lost", ["deactivated", "moved"])
def test_a_removed_recipient_is_passed_over_and_said_so(lost: str) -> None:
    job = ReportJobFactory.create()
    me, lead = user(Role.COORDINATOR, site=job.site), user(Role.PARTNER_LEAD, site=job.site)
    client = client_of(me)
    client.post(f"{URL}{job.pk}/change/", typed(version="1", recipients=[str(lead.pk)]))
    assert [(one.user_id, one.sees) for one in recipients_of(job)] == [(lead.pk, True)]
    if lost == "deactivated":
        deactivate(actor=SYSTEM, user_id=lead.pk)
    else:
        Membership.objects.filter(user=lead).update(ended_at=timezone.now())
    assert [(one.user_id, one.sees) for one in recipients_of(job)] == [(lead.pk, False)]
    assert "may not see it any more: passed over" in text_of(client.get(f"{URL}{job.pk}/"))
    client.post(f"{URL}{job.pk}/change/", typed(version="2", recipients=[str(lead.pk)], weekday="4"))
    job.refresh_from_db()
    assert (job.weekday, job.subscriptions.count()) == (4, 1), "whoever was chosen may stay"


def test_the_second_of_two_editors_is_told() -> None:
    job = ReportJobFactory.create()
    client = client_of(user(Role.COORDINATOR, site=job.site))
    client.post(f"{URL}{job.pk}/change/", typed(version="1", at="07:00"))
    answer = client.post(f"{URL}{job.pk}/change/", typed(version="1", at="06:00"))
    assert answer.status_code == 409
    assert "Time is now 07:00" in text_of(answer)


def test_paused_it_makes_nothing_and_goes_on_with_what_is_to_come() -> None:
    job = ReportJobFactory.create()
    client = client_of(user(Role.COORDINATOR, site=job.site))
    client.post(f"{URL}{job.pk}/pause/")
    assert make_packs() == 0
    assert "The job is paused already." in text_of(client.post(f"{URL}{job.pk}/pause/", follow=True))
    client.post(f"{URL}{job.pk}/resume/")
    job.refresh_from_db()
    assert (job.paused_at, job.next_at > timezone.now(), make_packs()) == (None, True, 0)


def test_made_at_once_it_is_the_last_whole_week_and_made_once() -> None:
    job = ReportJobFactory.create(next_at=timezone.now() + timedelta(days=1))
    client = client_of(user(Role.COORDINATOR, site=job.site))
    first = text_of(client.post(f"{URL}{job.pk}/make/", follow=True))
    pack = Pack.objects.get()
    assert pack.last_day < timezone.localdate(timezone=ZoneInfo(job.time_zone)) <= pack.last_day + timedelta(days=8)
    assert "is being made" in first
    assert "Being made" in first
    assert "already" in text_of(client.post(f"{URL}{job.pk}/make/", follow=True))
    assert Pack.objects.count() == 1


def test_an_ended_job_is_gone_and_its_packs_stay() -> None:
    job = ReportJobFactory.create()
    make_packs()
    number = Pack.objects.count()
    client = client_of(user(Role.COORDINATOR, site=job.site))
    client.post(f"{URL}{job.pk}/end/")
    assert client.get(f"{URL}{job.pk}/").status_code == 404
    assert Pack.objects.count() == number > 0


def test_who_may_be_chosen_is_who_sees_the_packs() -> None:
    one, two = SiteFactory.create(), SiteFactory.create()
    other = SiteFactory.create(partner=one.partner)
    SiteFactory.create(partner=two.partner, archived_at=timezone.now())
    people = [
        user(role, site=site)
        for role in (Role.COORDINATOR, Role.PARTNER_LEAD, Role.PARTNER_QA, Role.AGENT)
        for site in (one, two)
    ]
    people += [user(role, partner=site.partner) for role in (Role.COORDINATOR, Role.MANAGER) for site in (one, two)]
    people += [user(Role.ADMINISTRATOR), user(Role.AUDITOR), user(Role.IT)]
    both, everywhere = user(Role.COORDINATOR, site=one), user(Role.MANAGER, partner=one.partner)
    Membership.objects.create(user=both, role=Role.PARTNER_LEAD, site=other)
    Membership.objects.create(user=everywhere, role=Role.COORDINATOR, site=two)
    for place in (
        Place(one.pk, one.partner_id),
        Place(two.pk, two.partner_id),
        Place(None, one.partner_id),
        Place(None, two.partner_id),
        Place(),
    ):
        expected = {who.pk for who in (*people, both, everywhere) if sees(actor_for(who), place)}
        assert {pk for pk, _name in could_receive(place)} == expected, place
        assert who_sees(place, [who.pk for who in people]) == expected - {both.pk, everywhere.pk}
