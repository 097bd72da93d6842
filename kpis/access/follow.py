"""What people keep for themselves: what they follow, their saved views. Nobody else's exists for them."""

from django.http import Http404

from portal.accounts.rules import Actor

from ..models import Follow, SavedView


def get_follow(actor: Actor, pk: int) -> Follow:
    """Something the actor follows."""
    found = Follow.objects.filter(user_id=actor.user_id or 0, pk=pk).first()
    if found is None:
        raise Http404
    return found


def get_view(actor: Actor, pk: int, *, for_update: bool = False) -> SavedView:
    """A view the actor saved, with its mailing."""
    rows = SavedView.objects.select_for_update() if for_update else SavedView.objects.select_related("mailing")
    found = rows.filter(user_id=actor.user_id or 0, pk=pk).first()
    if found is None:
        raise Http404
    return found
