"""What fulfilment hangs into the shell and into the outbox."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from portal.accounts.choices import Role
from portal.accounts.rules import Actor
from portal.mailbox.registry import Handler, register_handler
from portal.notifications.registry import (
    Delivery,
    NotificationKind,
    OutboxTopic,
    Payload,
    register_kind,
    register_topic,
    seen_in_part,
)
from portal.ui.registry import NavItem, register_nav

from ..actions.answers import take_mail
from ..actions.carrying import deliver, gave_up
from ..actions.dispatching import GRANT_TOPIC, REVOKE_TOPIC
from ..actions.owning import FAILED
from ..actions.sweeping import UNSUPPORTED
from ..channels.email import MAILBOX
from ..choices import ItemState, Operation
from ..models import RequestItem
from ..queries import work
from ..queries.failures import failures_of, owned_by, owners_of
from ..queries.standing_in import with_stand_ins

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from portal.notifications.models import Notification


def register() -> None:
    """Topics of the outbox, the notice of failures, entries of the side navigation."""
    register_topic(OutboxTopic(REVOKE_TOPIC, _("Access to take away"), deliver, gave_up))
    register_topic(OutboxTopic(GRANT_TOPIC, _("Access to grant"), deliver, gave_up))
    register_handler(Handler(MAILBOX, _("Answers from ticket addresses"), take_mail))
    register_nav(
        NavItem("access", "work", _("IT queue"), "access:work", "inbox", 40, _works, _open_count, go="w", later=True)
    )
    register_nav(
        NavItem("access", "failures", _("Failures"), "access:failures", "warn", 41, _owns, _failure_count, later=True)
    )
    register_nav(
        NavItem("access", "confirm", _("To confirm"), "access:confirm", "check", 30, _confirms, _claims, later=True)
    )
    register_kind(NotificationKind(FAILED, _failed, _visible, _owners, _failures, "warn"))
    register_kind(NotificationKind(UNSUPPORTED, _unsupported, _visible, _unsupported_owners, _failures, "warn"))


def _works(actor: Actor) -> bool:
    return actor.can("fulfil_access")


def _open_count(actor: Actor) -> int | None:
    return work.count_of(work.open_work(actor)) or None


def _owns(actor: Actor) -> bool:
    return actor.can("fulfil_access") or actor.has(Role.ADMINISTRATOR)


def _failure_count(actor: Actor) -> int | None:
    return work.count_of(failures_of(actor)) or None


def _confirms(actor: Actor) -> bool:
    return actor.can("request_access")


def _claims(actor: Actor) -> int | None:
    return work.count_of(work.to_confirm(actor)) or None


def _failed(params: Mapping[str, Any], count: int) -> str:
    if count == 1 and params:
        words = {"person": params.get("person", ""), "what": params.get("what", "")}
        if params.get("operation") == Operation.REVOKE:
            return _now("%(what)s could not be taken from %(person)s") % words
        return _now("%(what)s could not be given to %(person)s") % words
    return ngettext("%(n)d item of access failed", "%(n)d items of access failed", count) % {"n": count}


def _unsupported(params: Mapping[str, Any], count: int) -> str:
    if count == 1 and params:
        words = {"person": params.get("person", ""), "what": params.get("what", "")}
        return _now("%(person)s held %(what)s without a reason; it is being removed") % words
    text = ngettext(
        "%(n)d thing was held without a reason and is being removed",
        "%(n)d things were held without a reason and are being removed",
        count,
    )
    return text % {"n": count}


def _visible(actor: Actor, notifications: Sequence["Notification"]) -> Mapping[int, Collection[int]]:
    ids = {pk for one in notifications for pk in one.subject_ids}
    return seen_in_part(notifications, set(owned_by(actor).filter(pk__in=ids).values_list("pk", flat=True)))


def _owners(payloads: list[Payload]) -> list[Delivery]:
    """To the owners of what is still failed; a removal that fails is urgent."""
    ids = [int(one["item"]) for one in payloads]
    return _deliveries(RequestItem.objects.filter(pk__in=ids, state=ItemState.FAILED_FINAL))


def _unsupported_owners(payloads: list[Payload]) -> list[Delivery]:
    """To the owners of what was held without a reason."""
    return _deliveries(RequestItem.objects.filter(pk__in=[int(one["item"]) for one in payloads]))


def _deliveries(rows: "QuerySet[RequestItem]") -> list[Delivery]:
    items = list(rows.select_related("person", "entitlement").order_by("pk"))
    owners = with_stand_ins(owners_of([one.pk for one in items]), timezone.now())
    return [
        Delivery(
            recipient,
            item.pk,
            reverse("access:item", args=[item.pk]),
            {"person": item.person.label, "what": item.entitlement.name, "operation": item.operation},
            urgent=item.operation == Operation.REVOKE,
        )
        for item in items
        for recipient in sorted(owners[item.pk])
    ]


def _failures() -> str:
    return reverse("access:failures")
