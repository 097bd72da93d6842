"""First words that an earlier version removed: the subjects that it left go once, with their copies, however often it is run."""

from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone

from escalations import actions
from escalations.actions.mending import forget_subjects
from escalations.models import BriefWord, Case, CaseWords, EntryBody, OutboundMail, ServiceMailbox, TimelineEntry
from portal.accounts.rules import SYSTEM
from portal.audit.models import AuditEntry
from portal.mailbox.actions import forget_words
from portal.notifications.models import OutboxRow
from tests.escalations.mailing import box, codes, files_root, made
from tests.escalations.pages_world import World
from tests.factories.case_mail import case_of, receive
from tests.factories.channels import ChannelEndpointFactory, bring

__all__ = ["box", "files_root", "made"]
pytestmark = pytest.mark.django_db
SECRET = "zqcard 4111 refund"
NONE = "Message without words"


def emptied(made: World, entry: TimelineEntry) -> None:
    """As the version before left it: no words in the entry and in the message, the subject as it was."""
    lead = made.users["service_lead"]
    EntryBody.objects.filter(entry=entry).update(text="", redacted_at=timezone.now(), redacted_by=lead)
    if hasattr(entry, "mail_in"):
        forget_words(entry.mail_in.message_id)


def first(case: Case) -> TimelineEntry:
    return case.entries.filter(code__in=("mail.in", "channel.in")).earliest("pk")


def mended() -> str:
    out = StringIO()
    call_command("mend_subjects", stdout=out)
    return out.getvalue().strip()


def subjects(*cases: Case) -> list[str]:
    found = dict(Case.objects.values_list("pk", "subject"))
    return [found[one.pk] for one in cases]


def test_subjects_of_words_that_were_removed_before_go_once(made: World, box: ServiceMailbox) -> None:
    lead = made.actor("service_lead")
    mail, ended, merged = (case_of(receive(box, "Please.", subject=SECRET, id=f"<{n}@guest>")) for n in range(3))
    chat = bring(ChannelEndpointFactory(service=made.service), SECRET)
    assert chat.entry is not None
    talk = Case.objects.get(pk=chat.entry.case_id)
    letter = actions.send_mail(
        actor=lead, ref=mail.pk, to="ming@guest.example.test", subject=SECRET, text="We look", once=uuid4()
    )
    told = actions.Writing(language="en", situation="A matter of money", neutral="A matter", next_step="Call")
    brief = actions.write_brief(actor=lead, ref=mail.pk, writing=told)
    part = actions.Part(subject=SECRET, service_id=mail.service_id, impact="money", urgency="week")
    split = actions.split(actor=lead, ref=mail.pk, entry_ids=[first(mail).pk], part=part)
    for verb in ("resolve", "close"):
        actions.set_state(actor=SYSTEM, ref=ended.pk, verb=verb)
    actions.merge(actor=SYSTEM, source=merged.pk, target=made.case("Another matter").pk, reason="The same")
    old = (mail, ended, merged, talk)
    for one in old:
        emptied(made, first(one))
    assert subjects(*old, split) == [SECRET] * 5
    assert mended() == "4 subjects were removed."
    assert subjects(*old, split) == [NONE] * 5
    assert not CaseWords.objects.filter(words="zqcard").exists()
    assert OutboundMail.objects.get(entry=letter).subject == f"[{mail.ref}]"
    assert SECRET not in str(OutboxRow.objects.get(idempotency_key=letter.mail_out.key).payload)
    assert SECRET not in BriefWord.objects.filter(brief=brief).values_list("text", flat=True)
    assert [codes(one).count("details.changed") for one in (*old, split)] == [1] * 5
    rows = AuditEntry.objects.filter(verb="case.details_changed", subject_type="case")
    assert set(rows.values_list("subject_id", "actor_id")) == {(one.pk, None) for one in (*old, split)}
    before = (TimelineEntry.objects.count(), AuditEntry.objects.count())
    assert mended() == "0 subjects were removed."
    assert (TimelineEntry.objects.count(), AuditEntry.objects.count()) == before


def test_what_has_its_words_and_what_people_wrote_stays(made: World, box: ServiceMailbox) -> None:
    lead = made.actor("service_lead")
    kept, corrected, later = (case_of(receive(box, "Please.", subject=SECRET, id=f"<{n}@guest>")) for n in range(3))
    actions.change_details(actor=lead, ref=corrected.pk, subject="A refund")
    receive(box, "And again", headers={"In-Reply-To": "<2@guest>"})
    raised = made.case("A guest asks", contact_hint="guest@guest.example.test")
    receive(box, "It is me", subject=f"[{raised.ref}]", sender="guest@guest.example.test")
    for entry in (first(corrected), later.entries.filter(code="mail.in").latest("pk"), first(raised)):
        emptied(made, entry)
    versions = dict(Case.objects.values_list("pk", "version"))
    assert mended() == "0 subjects were removed."
    assert subjects(kept, corrected, later, raised) == [SECRET, "A refund", SECRET, "A guest asks"]
    assert dict(Case.objects.values_list("pk", "version")) == versions


def test_the_same_is_done_in_batches(made: World, box: ServiceMailbox) -> None:
    cases = [case_of(receive(box, "Please.", subject=SECRET, id=f"<{n}@guest>")) for n in range(5)]
    for one in cases:
        emptied(made, first(one))
    assert (forget_subjects(batch=2), forget_subjects(batch=2)) == (5, 0)
    assert subjects(*cases) == [NONE] * 5
