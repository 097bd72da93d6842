"""Raising a case by form."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from escalations import actions
from escalations.models import Case
from portal.accounts.rules import SYSTEM
from tests.escalations.pages_world import World, issue_tree, world

NEW = "/cases/new/"


@pytest.fixture
def here(db: None) -> World:
    return world()


def said(here: World, **more: Any) -> dict[str, Any]:
    base = {
        "token": str(uuid4()), "subject": "Guest  locked\nout", "description": "The code fails.", "service": here.service.pk,
        "site": here.site.pk, "channel": "phone", "impact": "money", "urgency": "now", "customer_ref": "HX-1",
    }  # fmt: skip
    return {**base, **more}


@pytest.mark.parametrize("who", ["coordinator", "manager", "associate", "lead", "agent"])
def test_those_who_raise_cases_can(here: World, who: str) -> None:
    issue = issue_tree()
    client = here.client(who)
    form = client.get(NEW).content.decode()
    assert '<optgroup label="Stay">' in form
    assert ('name="override"' in form) is (who in ("coordinator", "manager", "associate"))
    assert ('name="sensitivity"' in form) is (who in ("coordinator", "manager", "associate"))
    answer = client.post(NEW, said(here, issue_type=issue.pk), follow=True)
    case = Case.objects.get()
    assert answer.redirect_chain == [(f"/cases/{case.ref}/", 302)]
    html = answer.content.decode()
    for part in (
        "<h1>Guest locked out</h1>",
        "The code fails.",
        f"{case.ref} created",
        "Stay › Check-in › Locked out",
        "HX-1",
    ):
        assert part in html
    assert (case.severity, case.raised_by) == (2, here.users[who])


@pytest.mark.parametrize("who", ["qa", "auditor", "administrator", "it"])
def test_others_have_no_such_page(here: World, who: str) -> None:
    client = here.client(who)
    assert client.get(NEW).status_code == 404
    assert client.post(NEW, said(here)).status_code == 404
    assert not Case.objects.exists()


def test_partner_users_raise_for_their_own_site_only(here: World) -> None:
    client = here.client("lead")
    assert "Dalian" not in client.get(NEW).content.decode()
    answer = client.post(NEW, said(here, site=here.other_site.pk))
    assert answer.status_code == 422
    assert "Dalian" not in answer.content.decode()
    client.post(NEW, said(here, sensitivity="restricted", override="1", override_reason="because"))
    case = Case.objects.get()
    assert (case.sensitivity, case.severity) == ("standard", 2)


def test_pressed_twice_it_is_one_case(here: World) -> None:
    client, data = here.client("agent"), said(here)
    first, second = client.post(NEW, data), client.post(NEW, data)
    case = Case.objects.get()
    assert first["Location"] == second["Location"] == f"/cases/{case.ref}/"
    client.post(NEW, {**said(here), "looked": case.ref})
    assert Case.objects.count() == 2


def test_what_is_wrong_stands_at_the_field_and_nothing_is_lost(here: World) -> None:
    answer = here.client("coordinator").post(NEW, said(here, subject=" ", urgency="", description="Long story"))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'role="alert"' in html
    assert re.search(r'id="id_subject_error"', html)
    assert re.search(r'id="id_urgency_error".*?Choose one\.', html, re.DOTALL)
    assert "Long story" in html
    assert not Case.objects.exists()


def test_signals_force_s1_and_the_page_says_why(here: World) -> None:
    client = here.client("coordinator")
    shown = client.get(
        reverse("escalations:severity-preview"), {"signals": "safety", "impact": "minor", "urgency": "week"}
    )
    assert 'data-sev="1"' in shown.content.decode()
    assert "Safety of a person" in shown.content.decode()
    client.post(NEW, said(here, impact="minor", urgency="week", signals=["stranded"]))
    assert Case.objects.get().severity == 1


def test_archived_services_are_not_offered(here: World) -> None:
    actions.archive_service(actor=SYSTEM, service_id=here.service.pk)
    client = here.client("lead")
    assert f'<option value="{here.service.pk}">' not in client.get(NEW).content.decode().partition("id_site")[0]
    assert client.post(NEW, said(here)).status_code == 422


def test_pressed_twice_at_once_it_is_one_case(fresh_database: Any) -> None:
    here = world()
    session = here.client("agent").cookies
    data, gate = said(here), Barrier(2)

    def press(_n: int) -> str:
        client = Client()
        client.cookies = session
        gate.wait(timeout=30)
        try:
            return client.post(NEW, data)["Location"]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        places = list(pool.map(press, range(2)))
    assert Case.objects.count() == 1
    assert places == [f"/cases/{Case.objects.get().ref}/"] * 2
