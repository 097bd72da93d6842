"""Nobody writes to what they do not see, nor learns from a refusal that it is there."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from escalations.choices import Channel, Direction, Impact, Urgency
from escalations.models import Case, TimelineEntry
from tests.escalations.pages_world import HTMX
from tests.web.hidden import Hidden, Secrets
from tests.web.leaks.seeing import leaks, state_of_everything, text_of
from tests.web.world import ANONYMOUS

pytestmark = pytest.mark.django_db


_SEVERE = {"impact": Impact.values[0], "urgency": Urgency.values[0], "override": "1", "override_reason": "Because"}


def writes(found: Secrets, case: Hidden) -> dict[str, dict[str, Any]]:
    """A valid form for every door of a case."""
    version, users = str(Case.objects.get(pk=case.pk).version), found.made.world.users
    entry = TimelineEntry.objects.filter(case=case.pk, body__isnull=False).order_by("pk")[0]
    other = found.made.world.other_service.pk
    tomorrow = f"{timezone.now() + timedelta(days=1):%Y-%m-%dT%H:%M}"
    return {
        "assign/": {"owner": str(users["associate"].pk), "version": version},
        "severity/": {**_SEVERE, "version": version},
        "state/": {"verb": "start", "version": version},
        "contact/": {
            "channel": Channel.values[0],
            "direction": Direction.OUTBOUND.value,
            "outcome": "reached",
            "text": "Said",
        },
        "escalate/": {"reason": "Because", "version": version},
        "details/": {"subject": "Another", "version": version},
        "service/": {"service": str(other), "version": version},
        "sensitivity/": {"sensitivity": "confidential", "reason": "Because", "version": version},
        "handover/": {"target": f"service:{other}", "done": "a", "open": "b", "promised": "c", "risks": "d"},
        "consult/": {"person": str(users["other_associate"].pk), "question": "Words", "due_at": tomorrow},
        "note/": {"text": "Said", "shared": "1"},
        "watch/": {"watch": "1"},
        "access/": {"user": str(users["coordinator"].pk), "reason": "Because"},
        f"entries/{entry.pk}/remove/": {},
    }


WORKERS = {"coordinator", "manager", "stand_in", "associate", "service_lead", "stand_in_of_service_lead"}
WORKERS |= {"other_associate", "foreign_coordinator"}


def may_write(case: Hidden, who: str, part: str) -> bool:
    """Whether the guide lets this person through this door, as far as it is sure; else nothing is asserted."""
    if part in ("note/", "watch/"):
        return who in case.readers - {"administrator", "auditor"}
    if part == "access/":
        return who == "service_lead"
    return who in case.readers & WORKERS


def test_no_door_opens_to_a_stranger_or_a_mere_reader(found: Secrets) -> None:
    before = state_of_everything()
    wrong = []
    for case in found.cases.values():
        for part, data in writes(found, case).items():
            for who in found.people:
                if may_write(case, who, part):
                    continue
                answer = found.clients[who].post(f"/cases/{case.ref}/{part}", data, headers=HTMX)
                wanted = (
                    {403}
                    if who in case.readers and part != "access/"
                    else {401 if who in (ANONYMOUS, "deactivated") else 404}
                )
                if answer.status_code not in wanted:
                    wrong.append(f"{who} {case.key} {part}: {answer.status_code}")
                wrong += leaks(found, who, answer.content.decode(), part, refs=False)
    assert wrong == []
    assert state_of_everything() == before


def test_a_form_of_yesterday_shows_nothing_to_those_who_may_not_fill_it(found: Secrets) -> None:
    case = found.cases["standard"]
    for who in ("lead", "qa", "auditor", "administrator"):
        for part in ("assign/", "severity/", "state/", "details/", "service/", "sensitivity/"):
            for headers in ({}, HTMX):
                answer = found.clients[who].post(f"/cases/{case.ref}/{part}", {"version": "9999"}, headers=headers)
                assert answer.status_code == 403, (who, part)
                assert "Associate (" not in answer.content.decode()


def test_the_doors_do_open_to_those_who_may(found: Secrets) -> None:
    case = found.cases["standard"]
    for part, data in writes(found, case).items():
        if part == "access/":
            continue
        before = state_of_everything()
        with transaction.atomic():
            answer = found.clients["coordinator"].post(f"/cases/{case.ref}/{part}", data)
            assert answer.status_code == 302, (part, answer.content.decode())
            # The coordinator watches already.
            assert (state_of_everything() != before) == (part != "watch/")
            transaction.set_rollback(True)


BULK = {
    "assign": {"owner": "nobody"},
    "severity": _SEVERE,
    "state": {"verb": "start"},
    "escalate": {"reason": "Because"},
}


def test_bulk_changes_nothing_out_of_sight_and_says_the_same_as_for_nothing(found: Secrets) -> None:
    hidden = [case for case in found.cases.values() if "stand_in" not in case.readers]
    before = state_of_everything()
    for op, data in BULK.items():
        for headers in ({}, HTMX):
            form = {"op": op, **data, "case": [str(case.pk) for case in hidden] + ["987654"]}
            answer = found.clients["stand_in"].post("/queue/bulk/", form, headers=headers)
            page = answer.content.decode()
            assert leaks(found, "stand_in", page, "bulk", refs=False) == []
            # One line for each, the same words in all.
            lines = [line for line in page.splitlines() if re.search(r"EC-\d+", line)]
            assert answer.status_code == 200, op
            assert page.count("EC-987654") == page.count(hidden[0].ref)
            assert len({re.sub(r"EC-\d+", "EC-?", line) for line in lines if "987654" in line}) == len(
                {re.sub(r"EC-\d+", "EC-?", line) for line in lines if re.search("|".join(c.ref for c in hidden), line)}
            )
    assert state_of_everything() == before


def test_bulk_offers_no_people_of_cases_out_of_sight(found: Secrets) -> None:
    picked = {"op": "assign", "case": [str(case.pk) for case in found.cases.values()]}
    page = text_of(found.clients["stand_in"], "/queue/bulk/", picked)
    assert "Other Associate" not in page
    assert leaks(found, "stand_in", page, "bulk", refs=False) == []
