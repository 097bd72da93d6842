"""Who makes a request, as the middleware found out."""

from django.http import HttpRequest

from portal.accounts.rules import Actor


def actor_of(request: HttpRequest) -> Actor:
    """Who makes this request. Signed out: somebody without any standing. Raises KeyError where the middleware was not passed."""
    actor: Actor = vars(request)["actor"]
    return actor
