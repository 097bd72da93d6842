"""Trouble: first checks, reports, who deals with them, incidents; and who sees none of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from access_requests.actions import trouble
from access_requests.choices import RequestKind, RequestState, TroubleState
from access_requests.models import AccessRequest, Incident, TroubleReport
from partners.models import Site
from portal.accounts.models import User
from portal.notifications.models import Notification
from portal.refusals import RefusedError
from tests.access_requests.readiness_world import Wave, text_of, wave

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Wave:
    return wave()


def report(made: Wave, name: str = "Zhou Ting", symptom: str = "vpn", **more: Any) -> TroubleReport:
    person = made.joiner(name, -50)
    values = {"actor": made.actor("lead"), "site_id": made.site.pk, "person_id": person.pk, "symptom": symptom}
    return trouble.report(**{**values, **more})


def told(kind: str) -> list[int]:
    rows = Notification.objects.filter(kind=kind).order_by("recipient_id")
    return list(rows.values_list("recipient_id", flat=True))


def test_nothing_is_written_before_it_is_sent(made: Wave) -> None:
    person = made.joiner("Zhou Ting", -50)
    lead = made.client("lead")
    form = text_of(lead, "/access/trouble/new/", symptom="vpn", step="report", check=["restart", "reconnect"])
    assert "Zhou Ting" in form
    assert not AccessRequest.objects.exists()
    data = {"symptom": "vpn", "site": made.site.code, "person": person.pk, "check": ["restart"], "details": "Error 809"}
    page = lead.post("/access/trouble/new/", data, follow=True).content.decode()
    found = TroubleReport.objects.get()
    assert (found.request.kind, found.request.state) == (RequestKind.TROUBLESHOOTING, RequestState.IN_PROGRESS)
    assert {"Sent to IT", "Error 809", "Restart the computer."} <= {
        one for one in ("Sent to IT", "Error 809", "Restart the computer.") if one in page
    }
    assert told("access.trouble") == [made.users["it"].pk]


def test_the_same_again_is_refused_with_the_reference(made: Wave) -> None:
    found = report(made)
    data = {"symptom": "vpn", "site": made.site.code, "person": found.person_id}
    again = made.client("lead").post("/access/trouble/new/", data)
    assert again.status_code == 422
    assert f"reported already as {found.request.ref}" in again.content.decode()


def test_it_takes_and_solves_and_the_reporter_hears_of_it(made: Wave) -> None:
    found = report(made, system_id=made.desk.system_id)
    it, url = made.client("it"), f"/access/trouble/{found.request.ref}/"
    assert found.request.ref in text_of(it, "/access/trouble/")
    assert it.post(f"{url}take/", follow=True).status_code == 200
    found.refresh_from_db()
    assert (found.state, found.taken_by) == (TroubleState.WORKING, made.users["it"])
    page = it.post(f"{url}solve/", follow=True).content.decode()
    assert "Solved" in page
    found.refresh_from_db()
    found.request.refresh_from_db()
    assert (found.state, found.request.state) == (TroubleState.SOLVED, RequestState.DONE)
    assert found.request.ended_at == found.solved_at
    assert told("access.trouble_solved") == [made.users["lead"].pk]
    late = it.post(f"{url}solve/", follow=True).content.decode()
    assert "This is over already" in late
    assert found.request.ref in text_of(it, "/access/trouble/", show="over")


def test_who_may_do_what(made: Wave) -> None:
    found = report(made, system_id=made.desk.system_id)
    foreign_system = report(made, "Ma Chao", system_id=made.phone.system_id)
    urls = {verb: reverse("access:trouble-act", args=[found.request.ref, verb]) for verb in ("take", "cancel")}
    takes = {who: made.client(who).post(urls["take"]).status_code for who in made.users}
    assert takes == {
        "administrator": 403, "coordinator": 403, "manager": 403, "lead": 403, "qa": 404, "agent": 404, "it": 302,
        "auditor": 403, "foreign_lead": 404, "foreign_coordinator": 404,
    }  # fmt: skip
    assert made.client("it").post(urls["cancel"]).status_code == 403
    assert made.client("it").get(f"/access/trouble/{foreign_system.request.ref}/").status_code == 404
    assert made.client("lead").post(urls["cancel"]).status_code == 302
    found.request.refresh_from_db()
    assert found.request.state == RequestState.CLOSED


def test_the_site_and_the_system_are_named_in_the_language_of_each_reader(made: Wave) -> None:
    Site.objects.filter(pk=made.site.pk).update(name_zh="大连")
    with override("zh-hans"):
        for number in range(12):
            report(made, f"Agent {number:02}")
    it = made.client("it")
    assert "大连" not in text_of(it, "/inbox/")
    assert f"trouble at {made.site.name}" in text_of(it, "/inbox/")
    User.objects.filter(pk=made.users["it"].pk).update(language="zh-hans")
    shown = text_of(it, "/inbox/")
    assert "大连" in shown
    assert made.site.name not in shown
    rows = Notification.objects.filter(kind="access.trouble")
    rows.update(params={"ref": "AR-1", "symptom": "vpn", "site": "Old Town"})
    assert "Old Town" in text_of(it, "/inbox/"), "written before both names were kept"


def test_twelve_alike_are_one_incident_and_it_is_told_once(made: Wave) -> None:
    found = [report(made, f"Agent {number:02}") for number in range(12)]
    incident = Incident.objects.get()
    assert set(TroubleReport.objects.values_list("incident", flat=True)) == {incident.pk}
    assert told("access.incident") == sorted([made.users["it"].pk, made.users["coordinator"].pk])
    # Four came before anybody could know.
    assert len(told("access.trouble")) == 4
    it = made.client("it")
    page = text_of(it, "/access/trouble/")
    assert str(incident) in page
    assert found[0].request.ref not in page
    assert "Agent 11" in text_of(it, f"/access/incidents/{incident.pk}/")
    assert it.post(f"/access/incidents/{incident.pk}/close/", follow=True).status_code == 200
    assert it.post(f"/access/incidents/{incident.pk}/close/").status_code == 302
    assert set(TroubleReport.objects.values_list("state", flat=True)) == {TroubleState.SOLVED}
    assert set(AccessRequest.objects.values_list("state", flat=True)) == {RequestState.DONE}
    # The next one begins anew.
    assert report(made, "Late Comer").incident is None


def test_what_differs_is_no_incident(made: Wave) -> None:
    for number in range(4):
        report(made, f"Agent {number}")
    report(made, "Other symptom", symptom="headset")
    report(made, "Other system", system_id=made.desk.system_id)
    old = report(made, "Long ago", symptom="password")
    TroubleReport.objects.filter(pk=old.pk).update(reported_at=old.reported_at - timedelta(minutes=16))
    for number in range(4):
        report(made, f"Locked {number}", symptom="password")
    taken_back = TroubleReport.objects.filter(symptom="vpn").first()
    assert taken_back is not None
    trouble.deal_with(actor=made.actor("lead"), ref=taken_back.request.ref, verb="cancel")
    report(made, "Agent 5")
    assert not Incident.objects.exists()


def test_strangers_learn_nothing(made: Wave) -> None:
    for number in range(6):
        found = report(made, f"Agent {number}")
    incident = Incident.objects.get()
    pages = [
        "/access/trouble/",
        "/access/trouble/?show=over",
        f"/access/trouble/{found.request.ref}/",
        f"/access/incidents/{incident.pk}/",
    ]
    for who in ("foreign_lead", "foreign_coordinator", "qa", "agent"):
        for url in pages:
            # An address of one's own making comes back in the page that says that there is nothing.
            page = text_of(made.client(who), url).replace(url, "")
            assert not {one for one in ("Agent 5", found.request.ref, "Chengdu") if one in page}, (who, url)
    for who in ("auditor", "administrator", "coordinator", "it"):
        assert "Agent 5" in text_of(made.client(who), pages[-1]), who
    assert made.client("coordinator").post(f"/access/incidents/{incident.pk}/close/").status_code == 403
    with pytest.raises(Http404):
        trouble.report(
            actor=made.actor("foreign_lead"), site_id=made.site.pk, person_id=found.person_id, symptom="other"
        )
    elsewhere = made.joiner("Elsewhere", -9, made.other)
    with pytest.raises(Http404):
        report(made, "Nobody", person_id=elsewhere.pk)
    with pytest.raises(RefusedError):
        report(made, "Nobody Else", system_id=0)


def test_the_list_costs_the_same_however_long(made: Wave) -> None:
    counts = []
    for start in (0, 7):
        for number in range(start, start + 7):
            report(made, f"Agent {number}", symptom="headset" if number % 2 else "other")
        client = made.client("it")
        client.get("/access/trouble/")
        with CaptureQueriesContext(connection) as asked:
            client.get("/access/trouble/")
        counts.append(len(asked))
    assert counts[0] >= counts[1] - 1
    assert counts[1] <= 15


@pytest.mark.parametrize(
    "url",
    [
        "/access/trouble/new/?symptom=x", "/access/trouble/new/?symptom=vpn&site=NOPE", "/access/trouble/AR-99999999999999999999/",
        "/access/trouble/x/", "/access/trouble/new/?symptom=vpn&step=report&check=nope", "/access/incidents/999999999/",
        "/access/trouble/%00/",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(made: Wave, url: str) -> None:
    assert made.client("lead").get(url).status_code == 404


def test_bad_posts_get_messages(made: Wave) -> None:
    lead = made.client("lead")
    for data in ({}, {"symptom": "vpn", "site": made.site.code, "person": "x\0"}, {"symptom": "vpn", "person": "9" * 30},
                 {"symptom": "vpn", "site": made.site.code, "details": "a\0", "check": ["x"]}):  # fmt: skip
        assert lead.post("/access/trouble/new/", data).status_code == 422
