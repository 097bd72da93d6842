"""What is over when a case goes another way: an offer when it changes hands, offers and questions when it ends."""

from collections.abc import Collection
from datetime import datetime

from django.db.models.functions import Greatest

from escalations.choices.handing import ConsultState, OfferState
from escalations.models import Consult, Handover


def end_offers(case_ids: Collection[int], at: datetime) -> None:
    """Offers of these cases that nobody answered are over. The caller holds the locks of the cases."""
    rows = Handover.objects.filter(case__in=case_ids, state=OfferState.OFFERED)
    rows.update(state=OfferState.OVER, settled_at=Greatest("offered_at", at))


def end_talks(case_ids: Collection[int], at: datetime) -> None:
    """The cases have ended, and with them what was offered and asked. The caller holds the locks of the cases."""
    end_offers(case_ids, at)
    rows = Consult.objects.filter(case__in=case_ids, state=ConsultState.OPEN)
    rows.update(state=ConsultState.OVER, settled_at=Greatest("asked_at", at))
