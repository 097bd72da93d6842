"""Feedback given, changed and answered at the same time, for real: one is kept, and an answer stands below the words it is to."""

import pytest

from escalations.actions import Opinion, answer_feedback, assign, change_feedback, give_feedback, set_state
from escalations.models import PeerFeedback
from portal.audit.models import AuditEntry
from portal.notifications.models import Notification
from tests.databases import Database
from tests.factories.escalations import CaseFactory, ServiceFactory, associate, open_policy
from tests.factories.partners import SiteFactory
from tests.together import at_once

pytestmark = pytest.mark.processes
RATINGS = {"ownership": 4, "communication": 3, "judgement": 2, "documentation": 1}


def test_two_forms_make_one_and_an_answer_fixes_it(fresh_database: Database) -> None:
    assert fresh_database
    open_policy()
    service, site = ServiceFactory(), SiteFactory()
    owner, mate, lead = associate(service), associate(service), associate(service, lead=True)
    case = CaseFactory(service=service, site=site)
    assign(actor=lead, ref=case.pk, owner_id=owner.user_id)
    for verb in ("triage", "start", "resolve", "close"):
        set_state(actor=lead, ref=case.pk, verb=verb)
    first, second = Opinion(RATINGS, "First words"), Opinion(RATINGS, "Second words")
    results = at_once(
        lambda: give_feedback(actor=mate, ref=case.pk, opinion=first),
        lambda: give_feedback(actor=mate, ref=case.pk, opinion=first),
    )
    assert sorted(results) == ["Refused", "done"]
    made = PeerFeedback.objects.get()
    assert Notification.objects.filter(kind="case.feedback").count() == 1
    results = at_once(
        lambda: answer_feedback(actor=owner, feedback_id=made.pk, text="Thank you."),
        lambda: answer_feedback(actor=owner, feedback_id=made.pk, text="And you."),
        lambda: change_feedback(actor=mate, feedback_id=made.pk, opinion=second, version=1),
    )
    assert sorted(results[:2]) == ["Refused", "done"]
    now = PeerFeedback.objects.get()
    assert (now.good == "Second words") == (results[2] == "done")
    trail = list(
        AuditEntry.objects.filter(verb__startswith="case.feedback").order_by("pk").values_list("verb", flat=True)
    )
    assert trail[-1] == "case.feedback_answered", "nothing changed after the answer"
