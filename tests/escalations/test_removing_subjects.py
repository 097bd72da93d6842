"""The words that a case began with are removed: its subject goes with them, unless a person has written one since."""

from uuid import uuid4

import pytest
from django.core.management import call_command

from escalations import actions, queries
from escalations.models import BriefWord, Case, CaseWords, OutboundMail, ServiceMailbox, TimelineEntry
from escalations.queries import QueueFilters
from portal.accounts.rules import SYSTEM
from portal.audit.models import AuditEntry
from portal.notifications.models import OutboxRow
from tests.escalations.mailing import box, codes, files_root, made
from tests.escalations.pages_world import World
from tests.factories.case_mail import case_of, receive
from tests.factories.channels import ChannelEndpointFactory, bring

__all__ = ["box", "files_root", "made"]
pytestmark = pytest.mark.django_db
SECRET = "zqcard 4111 refund"
NONE = "Message without words"


def remove(made: World, case: Case, entry: TimelineEntry | None = None) -> Case:
    """A lead removes the words of an entry, the first one unless another is named; the case as it is then."""
    first = case.entries.filter(code__in=("mail.in", "channel.in")).earliest("pk")
    actions.redact_entry(actor=made.actor("service_lead"), ref=case.pk, entry_id=(entry or first).pk)
    return Case.objects.get(pk=case.pk)


def found(made: World, case: Case) -> bool:
    """Whether anything still finds the case by its first word."""
    rows = queries.queue_cases(made.actor("service_lead"), "open", QueueFilters(q="zqcard", state=(case.state,)))
    return rows.exists() or CaseWords.objects.filter(case=case, entry=None, words="zqcard").exists()


@pytest.mark.parametrize("state", ["open", "closed", "rejected", "merged"])
def test_the_subject_of_a_mail_goes_with_its_words_whatever_became_of_the_case(
    made: World, box: ServiceMailbox, state: str
) -> None:
    case = case_of(receive(box, "Please.", subject=SECRET))
    if state == "merged":
        survivor = made.case("Another matter")
        actions.merge(actor=SYSTEM, source=case.pk, target=survivor.pk, reason="The same")
    elif state != "open":
        for verb in ("reject",) if state == "rejected" else ("resolve", "close"):
            actions.set_state(actor=SYSTEM, ref=case.pk, verb=verb, reject_reason="spam" if verb == "reject" else "")
    before = Case.objects.get(pk=case.pk)
    assert (before.subject, found(made, before)) == (SECRET, True)
    after = remove(made, case)
    assert (after.subject, found(made, after), after.version) == (NONE, False, before.version + 1)
    assert codes(case).count("details.changed") == 1
    row = AuditEntry.objects.get(verb="case.details_changed", subject_type="case", subject_id=case.pk)
    assert (row.actor_id, row.changes) == (made.users["service_lead"].pk, {"fields": ["subject"]})
    assert SECRET not in made.client("service_lead").get(f"/cases/{case.ref}/").content.decode()
    call_command("index_words", verbosity=0)
    assert not found(made, after)


def test_so_do_the_first_words_where_there_was_no_subject(made: World, box: ServiceMailbox) -> None:
    case = case_of(receive(box, f"{SECRET}\nmore", subject=""))
    assert case.subject == SECRET
    assert remove(made, case).subject == NONE
    chat = bring(ChannelEndpointFactory(service=made.service), SECRET)
    assert chat.entry is not None
    talk = Case.objects.get(pk=chat.entry.case_id)
    assert talk.subject == SECRET
    after = remove(made, talk)
    assert (after.subject, found(made, after)) == (NONE, False)


def test_what_people_wrote_and_what_says_nothing_stays(made: World, box: ServiceMailbox) -> None:
    lead = made.actor("service_lead")
    corrected = case_of(receive(box, "Please.", subject=SECRET, id="<1@guest>"))
    actions.change_details(actor=lead, ref=corrected.pk, subject="A refund")
    later = case_of(receive(box, "Please.", subject=SECRET, id="<2@guest>"))
    receive(box, "And again", headers={"In-Reply-To": "<2@guest>"})
    raised = made.case("A guest asks", contact_hint="guest@guest.example.test")
    receive(box, "It is me", subject=f"[{raised.ref}]", sender="guest@guest.example.test")
    chat = bring(ChannelEndpointFactory(service=made.service, site=made.site, name="Guest chat"), SECRET)
    bare = case_of(receive(box, "", subject="", id="<3@guest>"))
    assert chat.entry is not None
    assert remove(made, corrected).subject == "A refund"
    assert remove(made, later, later.entries.filter(code="mail.in").latest("pk")).subject == SECRET
    assert remove(made, raised).subject == "A guest asks"
    for case, subject in ((Case.objects.get(pk=chat.entry.case_id), "Guest chat"), (bare, NONE)):
        assert remove(made, case).subject == subject
        assert "details.changed" not in codes(case)


@pytest.mark.parametrize("subject", [SECRET, "zqcard"], ids=["long", "short"])
def test_the_copies_that_were_made_of_it_go_as_well(made: World, box: ServiceMailbox, subject: str) -> None:
    lead = made.actor("service_lead")
    case = case_of(receive(box, "Please.", subject=subject, id="<1@guest>"))
    entry = case.entries.get(code="mail.in")
    said = {"to": "ming@guest.example.test", "text": "We look into it.", "actor": lead, "ref": case.pk}
    letter, own = (
        actions.send_mail(subject=one, once=uuid4(), **said) for one in (subject, "Your refund")
    )  # fmt: skip
    told = actions.Writing(language="en", situation="A matter of money", neutral="A matter", next_step="Call")
    brief = actions.write_brief(actor=lead, ref=case.pk, writing=told)
    split = {"service_id": case.service_id, "impact": "money", "urgency": "week"}
    same, other = (
        actions.split(actor=lead, ref=case.pk, entry_ids=[entry.pk], part=actions.Part(subject=one, **split))
        for one in (subject, "A second matter")
    )
    remove(made, case)
    subjects = dict(Case.objects.values_list("pk", "subject"))
    assert subjects == {case.pk: NONE, same.pk: NONE, other.pk: "A second matter"}
    assert not CaseWords.objects.filter(words="zqcard").exists()
    headlines = dict(OutboundMail.objects.values_list("entry", "subject"))
    assert headlines == {letter.pk: f"[{case.ref}]", own.pk: f"[{case.ref}] Your refund"}
    waiting = OutboxRow.objects.filter(topic="mail", payload__has_key="subject").order_by("pk")
    assert [row.payload["subject"] for row in waiting] == [headlines[letter.pk], headlines[own.pk]]
    left = set(BriefWord.objects.filter(brief=brief, redacted_at=None).values_list("text", flat=True))
    assert left == {"A matter of money", "A matter", "Call"}
    assert "zqcard" not in made.client("service_lead").get(f"/cases/{case.ref}/").content.decode()


@pytest.mark.parametrize("first", ["mail", "mail without a subject", "chat"])
def test_the_copies_go_where_somebody_corrected_the_subject_since(made: World, box: ServiceMailbox, first: str) -> None:
    lead = made.actor("service_lead")
    if first == "chat":
        chat = bring(ChannelEndpointFactory(service=made.service), f"{SECRET}\nmore")
        assert chat.entry is not None
        case, entry = Case.objects.get(pk=chat.entry.case_id), chat.entry
    else:
        text, subject = ("Please.", SECRET) if first == "mail" else (f"{SECRET}\nmore", "")
        case = case_of(receive(box, text, subject=subject, id="<1@guest>"))
        entry = case.entries.get(code="mail.in")
    part = actions.Part(subject=SECRET, service_id=case.service_id, impact="money", urgency="week")
    same, renamed = (actions.split(actor=lead, ref=case.pk, entry_ids=[entry.pk], part=part) for _ in range(2))
    told = actions.Writing(language="en", situation="A matter of money", neutral="A matter", next_step="Call")
    for one in (case, same, renamed):
        said = {"to": "ming@guest.example.test", "text": "We look into it.", "actor": lead, "ref": one.pk}
        actions.send_mail(subject=SECRET, once=uuid4(), **said)
        actions.send_mail(subject="Your refund", once=uuid4(), **said)
        actions.write_brief(actor=lead, ref=one.pk, writing=told)
    for one, subject in ((case, "A refund"), (renamed, "A second matter")):
        actions.change_details(actor=lead, ref=one.pk, subject=subject)
    assert remove(made, case).subject == "A refund"
    subjects = dict(Case.objects.values_list("pk", "subject"))
    assert subjects == {case.pk: "A refund", same.pk: NONE, renamed.pk: "A second matter"}
    assert [codes(one).count("details.changed") for one in (case, same, renamed)] == [1, 1, 1]
    assert not CaseWords.objects.filter(words="zqcard").exists()
    headlines = list(OutboundMail.objects.order_by("pk").values_list("subject", flat=True))
    assert headlines == [line for one in (case, same, renamed) for line in (f"[{one.ref}]", f"[{one.ref}] Your refund")]
    waiting = OutboxRow.objects.filter(topic="mail", payload__has_key="subject").order_by("pk")
    assert [row.payload["subject"] for row in waiting] == headlines
    left = set(BriefWord.objects.filter(redacted_at=None).values_list("text", flat=True))
    assert left == {"A matter of money", "A matter", "Call"}


@pytest.mark.parametrize("subject", ["请帮我退款" * 22, "zq\u200bcard"], ids=["cut", "unseen"])
def test_a_subject_that_a_brief_keeps_otherwise_goes_too(made: World, box: ServiceMailbox, subject: str) -> None:
    lead = made.actor("service_lead")
    case = case_of(receive(box, "Please.", subject=subject, id="<1@guest>"))
    told = actions.Writing(language="en", situation="A matter of money", neutral="A matter", next_step="Call")
    actions.write_brief(actor=lead, ref=case.pk, writing=told)
    kept = set(BriefWord.objects.values_list("text", flat=True))
    assert (len(kept), Case.objects.get(pk=case.pk).subject in kept) == (4, False)
    remove(made, case)
    left = set(BriefWord.objects.filter(redacted_at=None).values_list("text", flat=True))
    assert left == {"A matter of money", "A matter", "Call"}
