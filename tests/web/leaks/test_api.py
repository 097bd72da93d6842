"""The API tells nobody more than the pages do: not in lists, not by a cursor, not by how it refuses."""

import base64
import re
from typing import Any

import pytest
from django.db import transaction

from escalations import actions
from portal.accounts.queries import actor_for
from tests.factories.api import Program
from tests.web.hidden import COMMON, Secrets
from tests.web.leaks.seeing import leaks, state_of_everything
from tests.web.world import ANONYMOUS

pytestmark = pytest.mark.django_db
NOTE = {"kind": "note", "text": "Planted", "shared": True}
CONTACT = {"kind": "contact", "channel": "phone", "direction": "out", "outcome": "reached", "text": "Planted"}
LOOKS = ("", "/clocks", "/entries")


@pytest.fixture
def programs(found: Secrets) -> dict[str, Program]:
    """A program of everybody who has a browser, made before somebody lost their access too."""
    users = found.made.world.users
    return {who: Program(users[who]) for who in found.people if who != ANONYMOUS}


def told(answer: Any) -> str:
    """All that an answer says, but for the number of the request."""
    return re.sub(r'"request_id": "[^"]*"', "", answer.content.decode())


def everything_listed(program: Program, path: str, **asked: Any) -> tuple[list[Any], str]:
    """All items of a list, page by page, and all that its answers said, cursors included."""
    items, said, cursor = [], "", None
    while True:
        answer = program.get(path, {"limit": 2, **asked, **({"cursor": cursor} if cursor else {})})
        said += told(answer)
        if answer.status_code != 200:
            return [], said
        page = answer.json()
        items += page["items"]
        cursor = page["next"]
        for one in (cursor, page["previous"]):
            said += base64.urlsafe_b64decode(one + "==").decode() if one else ""
        if not cursor:
            return items, said


@pytest.mark.parametrize(
    "asked",
    [{}, {"q": COMMON}, {"owner": "nobody"}, {"owner": "me"}, {"state": ["new", "closed"]}, {"severity": [3]}],
)
def test_lists_hold_what_the_reader_may_see(
    found: Secrets, programs: dict[str, Program], asked: dict[str, Any]
) -> None:
    wrong = []
    for who, program in programs.items():
        items, said = everything_listed(program, "/cases", **asked)
        wrong += leaks(found, who, said, f"/api/v1/cases {asked}")
        if asked in ({}, {"q": COMMON}) and who != "deactivated":
            seen = {one["ref"] for one in items}
            wrong += [
                f"{who} lacks {case.key}"
                for case in found.cases.values()
                if who in case.readers and case.ref not in seen
            ]
    assert wrong == []


def test_a_case_out_of_sight_is_as_one_that_is_not_there(found: Secrets, programs: dict[str, Program]) -> None:
    wrong = []
    for who, program in programs.items():
        for part in LOOKS:
            nothing = program.get(f"/cases/EC-987654{part}")
            for case in found.cases.values():
                answer = program.get(f"/cases/{case.ref}{part}")
                if who in case.readers:
                    assert answer.status_code == 200, (who, case.key, part)
                    wrong += leaks(found, who, told(answer), f"{case.key}{part}")
                elif (answer.status_code, told(answer)) != (nothing.status_code, told(nothing)):
                    wrong.append(f"{who} {case.key}{part}: {answer.status_code} {told(answer)}")
    assert wrong == []


def test_nobody_writes_to_a_case_out_of_sight(found: Secrets, programs: dict[str, Program]) -> None:
    before, wrong = state_of_everything(), []
    for who, program in programs.items():
        for body in (NOTE, CONTACT):
            nothing = program.post("/cases/EC-987654/entries", body)
            for case in found.cases.values():
                if who in case.readers:
                    continue
                answer = program.post(f"/cases/{case.ref}/entries", body)
                if (answer.status_code, told(answer)) != (nothing.status_code, told(nothing)):
                    wrong.append(f"{who} {case.key}: {answer.status_code} {told(answer)}")
    assert wrong == []
    assert state_of_everything() == before


def test_the_doors_do_open_to_those_who_may(found: Secrets, programs: dict[str, Program]) -> None:
    case = found.cases["restricted"]
    for body in (NOTE, CONTACT):
        with transaction.atomic():
            before = state_of_everything()
            assert programs["coordinator"].post(f"/cases/{case.ref}/entries", body).status_code == 201
            assert state_of_everything() != before
            transaction.set_rollback(True)


def test_a_site_elsewhere_is_as_unknown_as_none(found: Secrets, programs: dict[str, Program]) -> None:
    world = found.made.world
    for who in ("lead", "agent", "coordinator", "stand_in"):
        answers = [
            (answer.status_code, told(answer).replace(code, "?"))
            for code in (world.other_site.code, "NO-SUCH-SITE")
            for answer in (
                programs[who].get("/cases", {"site": code}),
                programs[who].post("/cases", {"service": world.service.code, "site": code, "subject": "Planted"}),
            )
        ]
        assert answers[:2] == answers[2:], who
        assert {status for status, _text in answers} == {422}


def test_a_case_that_became_sensitive_is_gone_at_once(found: Secrets, programs: dict[str, Program]) -> None:
    """Also from a page whose cursor was handed out before, and for a key that was used before."""
    case, lead = found.cases["standard"], programs["lead"]
    assert lead.post(f"/cases/{case.ref}/entries", NOTE, key="before").status_code == 201
    member = actor_for(found.made.world.users["service_lead"])
    actions.set_sensitivity(actor=member, ref=case.pk, sensitivity="confidential")
    _items, said = everything_listed(lead, "/cases")
    assert case.ref not in said
    assert lead.get(f"/cases/{case.ref}").status_code == 404
    assert lead.post(f"/cases/{case.ref}/entries", NOTE, key="after").status_code == 404
    # What was done is answered as it was: the program was told before.
    assert lead.post(f"/cases/{case.ref}/entries", NOTE, key="before")["Idempotency-Replayed"] == "true"
