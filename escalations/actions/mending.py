"""Deadlines by law that ran before levels and lost answers were looked after: brought to where they would be by now."""

from typing import Final

from django.db import transaction

from escalations.choices.mail import NOT_ARRIVED
from escalations.choices.statutory import Duty
from escalations.models import Case, OutboundMail, StatutoryResponse
from escalations.queries import KIND
from escalations.queries.promises import levels_by_law
from sla import actions as sla

from .coming_in import hold
from .undelivered import not_arrived

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
            case = hold(letter.entry.case_id)
            letter.refresh_from_db(fields=["state"])
            if letter.state in NOT_ARRIVED:
                found += not_arrived(letter, case, always=False)
    return found
