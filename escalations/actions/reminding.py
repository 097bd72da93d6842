"""Offers that nobody answers, and questions that are overdue: told once. Safe to run twice and at once."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from escalations.choices import ENDED_STATES
from escalations.choices.handing import ConsultState, OfferState
from escalations.models import Consult, Handover
from portal.notifications.actions import Emission

from .telling import tell_many

#: Rows that one transaction marks.
BATCH: Final = 500


def remind(now: datetime | None = None) -> int:
    """Tell the givers of offers that wait for an answer longer than the settings allow, and both sides of overdue questions; how many of them."""
    at, told = now or timezone.now(), 0
    for batch in (_silent, _overdue):
        while found := batch(at):
            told += found
    return told


@transaction.atomic
def _silent(at: datetime) -> int:
    hours: int = settings.HANDOVER_SILENCE_HOURS
    before = at - timedelta(hours=hours)
    rows = Handover.objects.filter(state=OfferState.OFFERED, told_at=None, offered_at__lte=before)
    offers = list(rows.order_by("offered_at", "pk").select_for_update(no_key=True, skip_locked=True)[:BATCH])
    Handover.objects.filter(pk__in=[one.pk for one in offers]).update(told_at=at)
    tell_many(
        [
            Emission(
                "case.handover_silent",
                f"case.handover_silent:{one.pk}",
                {"case": one.case_id, "user": one.given_by_id, "hours": hours},
            )
            for one in offers
        ]
    )
    return len(offers)


@transaction.atomic
def _overdue(at: datetime) -> int:
    rows = Consult.objects.filter(state=ConsultState.OPEN, reminded_at=None, due_at__lte=at)
    rows = rows.exclude(case__state__in=ENDED_STATES)
    late = list(rows.order_by("due_at", "pk").select_for_update(of=("self",), no_key=True, skip_locked=True)[:BATCH])
    Consult.objects.filter(pk__in=[one.pk for one in late]).update(reminded_at=at)
    tell_many(
        [
            Emission(
                "case.consult_overdue",
                f"case.consult_overdue:{one.pk}:{user}",
                {"case": one.case_id, "user": user, "consult": one.pk},
            )
            for one in late
            for user in (one.to_user_id, one.asked_by_id)
        ]
    )
    return len(late)
