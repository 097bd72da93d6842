"""Targets of webhooks made for tests."""

import factory

from portal.sealing import seal
from portal.webhooks.models import WebhookTarget
from portal.webhooks.signing import new_secret


class WebhookTargetFactory(factory.django.DjangoModelFactory):
    """A target that leads nowhere."""

    class Meta:
        model = WebhookTarget

    name = factory.Sequence(lambda n: f"Target {n}")
    url = "https://hooks.example.test/"
    sealed_secret = factory.LazyFunction(lambda: seal(new_secret()))
