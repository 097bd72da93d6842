"""The last seat is agreed to once, whoever presses at the same moment; on connections of their own."""

from access_requests.actions import decide, dispatch
from access_requests.choices import ItemState, Verdict
from access_requests.models import RequestItem
from portal.accounts.choices import Role
from portal.accounts.queries import actor_for
from tests.access_requests.approving import asked
from tests.databases import Database
from tests.factories.access import SystemFactory
from tests.factories.partners import SiteFactory, user
from tests.together import at_once


def test_the_last_seats_are_agreed_to_once(fresh_database: Database) -> None:
    system = SystemFactory.create(seat_limit=2)
    sites = [SiteFactory.create() for _ in range(3)]
    managers = [actor_for(user(Role.MANAGER, site=site)) for site in sites]
    items = [asked(site, system=system) for site in sites for _ in range(2)]

    def press(number: int) -> None:
        mine = [one.pk for one in items[2 * number : 2 * number + 2]]
        decide(actor=managers[number], item_ids=mine, verdict=Verdict.APPROVED)

    assert at_once(lambda: press(0), lambda: press(1), lambda: press(2), dispatch) == ["done"] * 4
    dispatch()
    states = sorted(RequestItem.objects.values_list("state", flat=True))
    assert states == sorted([ItemState.AWAITING_APPROVAL] * 4 + [ItemState.SENT] * 2)
