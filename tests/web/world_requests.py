"""What the addresses of requests name: a request that waits, and a draft of the coordinator."""

from typing import Any

from django.utils import timezone

from access_requests.actions import Line, raise_request
from access_requests.models import RequestDraft
from portal.accounts.queries import actor_for
from tests.escalations.pages_world import World
from tests.factories.access import EntitlementFactory


def requests_args(made: World, person_id: int) -> dict[str, dict[str, Any]]:
    """A request of the site's lead for a person who works there, and a draft about the same person."""
    line = Line(person_id, EntitlementFactory.create().pk)
    asked = raise_request(actor=actor_for(made.users["lead"]), kind="ad_hoc", site_id=made.site.pk, lines=[line])
    row = {"number": 1, "cells": {}, "person_id": person_id, "unreadable": ""}
    draft = RequestDraft.objects.create(
        owner=made.users["coordinator"], kind="joiner", site=made.site, rows=[row], shift_at=timezone.now()
    )
    return {"access_request": {"ref": asked.ref}, "draft": {"draft_id": draft.pk}}
