"""A lead's weekly word that nobody has left without being reported."""

from datetime import date, timedelta

from django.db import transaction

from portal.accounts.rules import Actor
from portal.refusals import RefusedError

from .. import access, queries
from ..models import LeaverAttestation
from . import base

WEEKS_BACK = 8


@transaction.atomic
def attest(*, actor: Actor, code: str, week: date) -> LeaverAttestation:
    """Confirm for a site's week, named by its Monday, that every leaver is reported. Audited. Twice is once.

    Raises Http404 for a site that is not the lead's, RefusedError for a week to come or long gone.
    """
    site = access.get_attested_site(actor, code)
    allowed = access.permit_attesting(actor, site)
    this_week = queries.monday(queries.site_today(site))
    if week > this_week:
        raise RefusedError("attestation_too_early", "week")
    if week < this_week - timedelta(weeks=WEEKS_BACK):
        raise RefusedError("attestation_too_late", "week")
    if known := LeaverAttestation.objects.filter(site=site, week=week).first():
        return known
    with base.refusing():
        row = LeaverAttestation.objects.create(site=site, week=week, attested_by_id=allowed.user_id or 0)
    base.audit(row, "created", allowed, {"site_id": site.pk, "week": week.isoformat()})
    return row
