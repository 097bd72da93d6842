"""Two people at once, and workers that die: one answer to an offer, one to a question, one reminder."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db.models import F
from django.http import Http404

from escalations.actions import (
    accept_handover,
    answer_consult,
    decline_handover,
    take_back_handover,
    withdraw_consult,
)
from escalations.actions.reminding import remind
from escalations.models import Case, Consult, Handover, TimelineEntry
from portal.accounts.queries import actor_for
from portal.notifications.models import OutboxRow
from portal.refusals import ConflictError
from tests.databases import Database
from tests.escalations.processes import killed_at, run, running
from tests.factories.escalations import CaseFactory, ServiceFactory, person
from tests.factories.handing import ConsultFactory, HandoverFactory
from tests.factories.partners import SiteFactory
from tests.together import at_once

pytestmark = pytest.mark.processes
HIDDEN = ConflictError.__name__
# As a process of its own does it; what it may not do is an answer.
ACT = """
from django.http import Http404
from escalations import actions
from portal.accounts.models import User
from portal.accounts.queries import actor_for
try:
    actions.{name}(actor=actor_for(User.objects.get(pk={who})), **{said})
except (actions.Refused, Http404):
    pass
"""


def together(database: Database, *acts: str) -> None:
    """Each in a process of its own, all at once."""
    with running(database, acts[0]) as one, running(database, acts[1]) as other:
        assert [one.wait(120), other.wait(120)] == [0, 0]


def test_accepted_and_taken_back_at_once_it_is_one_of_them(fresh_database: Database) -> None:
    service, site = ServiceFactory(), SiteFactory()
    giver, taker = person("associate", service=service), person("associate", service=service)
    case = CaseFactory(service=service, site=site, owner=giver)
    offer = HandoverFactory(case=case, given_by=giver, to_user=taker)
    said = {"handover_id": offer.pk}
    together(
        fresh_database,
        ACT.format(name="accept_handover", who=taker.pk, said=said),
        ACT.format(name="take_back_handover", who=giver.pk, said=said),
    )
    offer.refresh_from_db()
    case.refresh_from_db()
    owners = {"accepted": taker, "taken_back": giver}
    assert case.owner == owners[offer.state]
    assert TimelineEntry.objects.filter(case=case, kind="handover").count() == 2


def test_answered_and_withdrawn_at_once_it_is_one_of_them(fresh_database: Database) -> None:
    service = ServiceFactory()
    asker, expert = person("associate", service=service), person("associate", service=ServiceFactory())
    case = CaseFactory(service=service, site=SiteFactory(), owner=asker)
    consult = ConsultFactory(case=case, asked_by=asker, to_user=expert)
    said = {"consult_id": consult.pk}
    together(
        fresh_database,
        ACT.format(name="answer_consult", who=expert.pk, said={**said, "text": "Form 12"}),
        ACT.format(name="withdraw_consult", who=asker.pk, said=said),
    )
    consult.refresh_from_db()
    assert consult.state in ("answered", "withdrawn")
    assert TimelineEntry.objects.filter(case=case, kind="consult").count() == 2
    assert (consult.answer is None) == (consult.state == "withdrawn")


def test_of_many_at_the_same_moment_one_settles_it(fresh_database: Database) -> None:
    assert fresh_database
    service, other = ServiceFactory(), ServiceFactory()
    giver, members = person("associate", service=service), [person("associate", service=other) for _ in range(3)]
    case = CaseFactory(service=service, site=SiteFactory(), owner=giver)
    offer = HandoverFactory(case=case, given_by=giver, to_service=other)
    said = {"handover_id": offer.pk}
    results = at_once(
        *(_quietly(partial(accept_handover, actor=actor_for(who), **said)) for who in members),
        _quietly(lambda: take_back_handover(actor=actor_for(giver), **said)),
        _quietly(lambda: decline_handover(actor=actor_for(members[0]), reason="Full", **said)),
    )
    assert results.count("done") == 1, results
    assert TimelineEntry.objects.filter(case=case, kind="handover").count() == 2
    if "done" in results[:3]:
        assert HIDDEN not in results[:3], "it is a case of their service by then"
    asker, expert = giver, person("associate", service=ServiceFactory())
    case = CaseFactory(service=service, site=SiteFactory(), owner=asker)
    consult = ConsultFactory(case=case, asked_by=asker, to_user=expert)
    results = at_once(
        _quietly(lambda: answer_consult(actor=actor_for(expert), consult_id=consult.pk, text="Form 12")),
        _quietly(lambda: answer_consult(actor=actor_for(expert), consult_id=consult.pk, text="Form 13")),
        _quietly(lambda: withdraw_consult(actor=actor_for(asker), consult_id=consult.pk)),
    )
    assert results.count("done") == 1, results


def _quietly(act: Callable[[], object]) -> Callable[[], object]:
    """What is out of sight by then is an answer, too."""

    def run_it() -> object:
        try:
            return act()
        except Http404:
            raise ConflictError("hidden") from None

    return run_it


def test_a_worker_killed_while_reminding_tells_everybody_once(fresh_database: Database) -> None:
    service = ServiceFactory()
    case, other = (CaseFactory(service=service, site=SiteFactory()) for _ in range(2))
    HandoverFactory(case=case, to_service=ServiceFactory())
    ConsultFactory(case=other, to_user=person("associate", service=ServiceFactory()))
    Handover.objects.update(offered_at=F("offered_at") - timedelta(hours=9))
    Consult.objects.update(asked_at=F("asked_at") - timedelta(days=1), due_at=F("due_at") - timedelta(hours=9))
    tick = "from escalations.tasks import remind; remind()"
    killed_at(fresh_database, "notifications_outboxrow", tick)
    assert Handover.objects.filter(told_at=None).count() == 1
    assert told() == []
    run(fresh_database, tick)
    together(fresh_database, tick, tick)
    assert told() == ["case.consult_overdue", "case.consult_overdue", "case.handover_silent"]
    assert remind() == 0
    assert Case.objects.count() == 2


def told() -> list[str]:
    rows = OutboxRow.objects.filter(idempotency_key__startswith="case.").values_list("idempotency_key", flat=True)
    kinds = ("case.handover_silent", "case.consult_overdue")
    return sorted(key.partition(":")[0] for key in rows if key.startswith(kinds))
