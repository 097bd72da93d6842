"""Remarks on charts: added, and withdrawn; never deleted."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.audit.actions import record

from ..models import Annotation


def annotate(
    *, actor: Actor, site: Any, kpi: Any, first_day: date, last_day: date, kind: str, text: str, text_zh: str = "",
    rebases: bool = False, queue: Any = None,
) -> Annotation:  # fmt: skip
    """Write a remark beside a site's figures, of one KPI or all, of one queue or all. The form has checked who may; `actor` is a person."""
    assert actor.user_id is not None
    with transaction.atomic():
        note = Annotation.objects.create(
            site=site, queue=queue, kpi=kpi, first_day=first_day, last_day=last_day, kind=kind, text=text, text_zh=text_zh,
            rebases=rebases, made_by_id=actor.user_id,
        )  # fmt: skip
        record(
            actor=actor, verb="annotation.created", subject_type="annotation", subject_id=note.pk,
            changes={"site_id": site.pk, "kind": kind, "first_day": first_day.isoformat(), "last_day": last_day.isoformat()},
        )  # fmt: skip
    return note


def withdraw(*, actor: Actor, note: Annotation) -> None:
    """Take a remark off the charts. Twice is as good as once."""
    with transaction.atomic():
        if Annotation.objects.filter(pk=note.pk, withdrawn_at=None).update(withdrawn_at=timezone.now()):
            record(actor=actor, verb="annotation.withdrawn", subject_type="annotation", subject_id=note.pk)
