"""What earlier versions left, brought to where it would be by now: deadlines by law that ran before levels and lost answers were
looked after, and subjects that stayed when the words they were made of were removed."""

from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from escalations.choices.mail import NOT_ARRIVED
from escalations.choices.statutory import Duty
from escalations.models import Case, OutboundMail, StatutoryResponse, TimelineEntry
from escalations.queries import KIND
from escalations.queries.promises import levels_by_law
from portal.accounts.rules import SYSTEM
from sla import actions as sla

from .coming_in import hold
from .evidence import forget_packs
from .subjects import FIRST, cases_split_from, forget_subject, wordless
from .undelivered import hold_answered, not_arrived

#: So many cases are held at once.
BATCH: Final = 500


def give_levels() -> int:
    """Levels for running clocks by law that have none, by the policy that holds now; how many. Whatever has some keeps them."""
    given, last = 0, 0
    while ids := sla.without_levels(KIND, Duty.values, after=last, limit=BATCH):
        with transaction.atomic():
            rows = Case.objects.filter(pk__in=ids).select_related("site").defer("search").order_by("pk")
            held = list(rows.select_for_update(of=("self",), no_key=True))
            levels = {case.pk: levels_by_law(case) for case in held}
            given += sla.give_levels(subject_kind=KIND, metrics=Duty.values, levels=levels)
        last = ids[-1]
    return given


def owe_lost() -> int:
    """What was answered by mails that did not arrive is owed again; of how many mails. Each is looked at once."""
    answers = StatutoryResponse.objects.filter(contact__mail_out__state__in=NOT_ARRIVED)
    found = 0
    for pk in answers.order_by("contact").values_list("contact__mail_out", flat=True).distinct():
        with transaction.atomic():
            letter = OutboundMail.objects.select_related("entry").get(pk=pk)
            case = hold_answered(letter.entry.case_id, letter.entry_id)
            letter.refresh_from_db(fields=["state"])
            if letter.state in NOT_ARRIVED:
                found += not_arrived(letter, case, always=False)
    return found


def forget_subjects(batch: int = BATCH) -> int:
    """Subjects that were made of a customer's first words go where those were removed before subjects went with them; of how many
    cases. Each in a transaction of its own, as if the words were removed now."""
    found, last = 0, 0
    while rows := _emptied(last, batch):
        found += sum(_forget(case, entry) for entry, case in rows)
        last = rows[-1][0]
    return found


def _emptied(after: int, limit: int) -> list[tuple[int, int]]:
    """Entries, each with its case, that a case may have begun with and that have no words any more, while the case still has a
    subject that nobody has written since."""
    rows = TimelineEntry.objects.filter(pk__gt=after, code__in=FIRST, body__redacted_at__isnull=False)
    corrected = TimelineEntry.objects.filter(
        case=OuterRef("case"), code="details.changed", params__fields__contains=["subject"]
    )
    rows = rows.exclude(case__subject=wordless()).filter(~Exists(corrected))
    return list(rows.order_by("pk").values_list("pk", "case")[:limit])


@transaction.atomic
def _forget(case_id: int, entry_id: int) -> bool:
    hold(case_id, also=cases_split_from(case_id, entry_id))
    case = Case.objects.select_related("site").defer("search").get(pk=case_id)
    entry = TimelineEntry.objects.get(pk=entry_id)
    if not forget_subject(SYSTEM, case, entry, timezone.now()):
        return False
    forget_packs(case)
    return True
