"""Items that are with IT, for the table of addresses."""

from typing import Any

from access_requests.choices import ItemState
from tests.escalations.pages_world import World
from tests.factories.access import AccessRequestFactory, GroupMemberFactory, RequestItemFactory


def fulfilment_args(made: World, person_id: int) -> dict[str, dict[str, Any]]:
    """An item of the site, handed over to a system that IT works on."""
    asked = AccessRequestFactory.create(site=made.site)
    item = RequestItemFactory.create(request=asked, person_id=person_id, state=ItemState.SENT)
    GroupMemberFactory.create(group=item.entitlement.system.group, user=made.users["it"])
    return {"item": {"pk": item.pk}, "hook": {"code": item.entitlement.system.code}}
