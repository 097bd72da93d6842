"""Somebody who waits, and somebody in trouble, for the addresses of readiness."""

from typing import Any

from django.utils import timezone

from access_requests.choices import ItemState, RequestKind, RequestState
from access_requests.models import Incident, TroubleReport
from partners.models import Site
from tests.factories.access import AccessRequestFactory, RequestItemFactory


def readiness_args(site: Site, person_id: int) -> dict[str, dict[str, Any]]:
    """An item that IT has, a report that names no system, and an incident it is part of."""
    waiting = RequestItemFactory(
        request=AccessRequestFactory(site=site), person_id=person_id, state=ItemState.SENT, sent_at=timezone.now()
    )
    request = AccessRequestFactory(site=site, kind=RequestKind.TROUBLESHOOTING, state=RequestState.IN_PROGRESS)
    incident = Incident.objects.create(site=site, symptom="vpn")
    TroubleReport.objects.create(request=request, site=site, person_id=person_id, symptom="vpn", incident=incident)
    return {
        "waiting_item": {"item_id": waiting.pk},
        "trouble": {"ref": request.ref},
        "trouble_take": {"ref": request.ref, "verb": "take"},
        "incident": {"pk": incident.pk},
    }
