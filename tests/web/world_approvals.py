"""Approvals, and exceptions from conflict rules, as addresses name them: asked for by the site's lead, waiting for its manager."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from access_requests.actions import Line, ask_exception, grant_exception, raise_request
from access_requests.models import RequestItem
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from tests.escalations.pages_world import World
from tests.factories.access import EntitlementFactory, GrantFactory, GrantReasonFactory, SodRuleFactory
from tests.factories.partners import PlacementFactory


def approvals_args(made: World) -> dict[str, dict[str, Any]]:
    """A request that waits, an item that is blocked, an exception that is asked for, and one that is granted."""
    lead, manager = made.users["lead"], made.users["manager"]
    person = PlacementFactory.create(site=made.site).person
    waiting = _asked(made, lead, person.pk, EntitlementFactory.create().pk)
    soon = timezone.now() + timedelta(days=9)
    free, wanted, granted = (_blocked(made, lead) for _ in range(3))
    ask = [
        ask_exception(actor=actor_for(lead), item_id=one.pk, reason="Month end", ends_at=soon)
        for one in (wanted, granted)
    ]
    done = grant_exception(actor=actor_for(manager), pk=ask[1].pk)
    return {
        "approval": {"ref": waiting.request.ref},
        "blocked_item": {"pk": free.pk},
        "exception_asked": {"pk": ask[0].pk},
        "exception_granted": {"pk": done.exception_id},
    }


def _asked(made: World, lead: User, person: int, entitlement: int) -> RequestItem:
    lines = [Line(person, entitlement)]
    return raise_request(actor=actor_for(lead), kind="ad_hoc", site_id=made.site.pk, lines=lines).items.get()


def _blocked(made: World, lead: User) -> RequestItem:
    left, right = EntitlementFactory.create(), EntitlementFactory.create()
    SodRuleFactory.create(left=left, right=right)
    person = PlacementFactory.create(site=made.site).person
    GrantReasonFactory.create(grant=GrantFactory.create(person=person, entitlement=left))
    return _asked(made, lead, person.pk, right.pk)
