"""What is over when a case goes another way: an offer when it changes hands, what a lead opened when it changes services,
offers and questions when it ends."""

from collections.abc import Collection
from datetime import datetime

from django.db.models.functions import Greatest

from escalations.choices import Entry, Sensitivity
from escalations.choices.handing import ConsultState, OfferState, Opens
from escalations.models import Case, Consult, Handover
from portal.accounts.rules import Actor

from ._base import add_entry, trail


def end_offers(case_ids: Collection[int], at: datetime) -> None:
    """Offers of these cases that nobody answered are over. The caller holds the locks of the cases."""
    rows = Handover.objects.filter(case__in=case_ids, state=OfferState.OFFERED)
    rows.update(state=OfferState.OVER, settled_at=Greatest("offered_at", at))


def end_openings(acting: Actor, case: Case, at: datetime) -> None:
    """The case left the service whose leads opened it as a confidential one to people whom they asked: such questions are
    over, or open it as a standard one from now on. The caller holds its lock, and it is with the other service already."""
    rows = Consult.objects.filter(case=case, state=ConsultState.OPEN, opens=Opens.CONFIDENTIAL)
    if case.sensitivity != Sensitivity.CONFIDENTIAL:
        rows.update(opens=Opens.STANDARD)
        return
    asked = list(rows.order_by("pk").values_list("to_user", flat=True))
    rows.update(state=ConsultState.OVER, settled_at=Greatest("asked_at", at))
    for user in asked:
        add_entry(case, acting, Entry.CONSULT, "consult.over", at, params={"user": user})
        trail(acting, "case.consult_over", case, {"user": user})


def end_talks(case_ids: Collection[int], at: datetime) -> None:
    """The cases have ended, and with them what was offered and asked. The caller holds the locks of the cases."""
    end_offers(case_ids, at)
    rows = Consult.objects.filter(case__in=case_ids, state=ConsultState.OPEN)
    rows.update(state=ConsultState.OVER, settled_at=Greatest("asked_at", at))
