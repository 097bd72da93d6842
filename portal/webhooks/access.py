"""The only way to a target for a person."""

from django.http import Http404

from portal.accounts.rules import Actor
from portal.webhooks.models import WebhookTarget
from portal.webhooks.queries import may_configure

MAX_ID = 2**63 - 1


def get_target(actor: Actor, pk: int, *, for_update: bool = False) -> WebhookTarget:
    """A target, archived ones included, for whoever keeps them. Raises Http404."""
    rows = WebhookTarget.objects.select_for_update() if for_update else WebhookTarget.objects.all()
    found = rows.filter(pk=pk).first() if may_configure(actor) and pk <= MAX_ID else None
    if found is None:
        raise Http404
    return found
