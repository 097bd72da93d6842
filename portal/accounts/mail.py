"""Mail about accounts. It leaves through the outbox, which stands above this room and is therefore named, not imported."""

from collections.abc import Mapping
from typing import Protocol, cast

from django.utils.module_loading import import_string

from portal.accounts.models import User

OUTBOX = "portal.notifications.actions.send_mail"


class SendMail(Protocol):
    """What the outbox offers: a row in the caller's transaction, sent by a worker."""

    def __call__(
        self, *, to: str, template: str, context: Mapping[str, object], language: str, idempotency_key: str
    ) -> None: ...


def mail_to(user: User, template: str, context: Mapping[str, object], key: str) -> None:
    """Queue one mail in the user's language; `template` names `accounts/email/<template>`. Once per `key`.

    The outbox keeps the text only until it is sent.
    """
    send = cast(SendMail, import_string(OUTBOX))
    send(
        to=user.email,
        template=f"accounts/email/{template}",
        context={"name": user.name, **context},
        language=user.language,
        idempotency_key=f"accounts:{template}:{key}",
    )
