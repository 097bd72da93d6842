"""The only way to a token: for its person, and for administrators."""

from django.http import Http404

from portal.accounts.rules import Actor
from portal.api.models import ApiToken
from portal.api.queries import MAX_ID, tokens_visible_to


def get_token(actor: Actor, pk: int, *, for_update: bool = False) -> ApiToken:
    """One's own token, or for administrators anybody's. Raises Http404."""
    rows = tokens_visible_to(actor)
    if for_update:
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(pk=pk).first() if pk <= MAX_ID else None
    if found is None:
        raise Http404
    return found
