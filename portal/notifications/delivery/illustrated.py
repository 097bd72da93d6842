"""Mail whose HTML shows pictures that it brings along."""

from email.message import EmailMessage as Built
from email.policy import default
from typing import Any

from django.core.mail import EmailMultiAlternatives

from portal.notifications.registry import Picture


class Illustrated(EmailMultiAlternatives):
    """`pictures` stand with the HTML in a `multipart/related`, so that no program lists them as attachments."""

    pictures: tuple[Picture, ...] = ()

    def message(self, *, policy: Any = default) -> Built:
        """The message as it is sent."""
        built: Built = super().message(policy=policy)
        html = built.get_body(("html",))
        if html is None:
            return built
        for picture in self.pictures:
            html.add_related(
                picture.png,
                "image",
                "png",
                cid=f"<{picture.cid}>",
                filename=f"{picture.name}.png",
                disposition="inline",
            )
        return built
