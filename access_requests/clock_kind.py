"""Items and grants as kinds of things that have clocks."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from access_requests import queries
from access_requests.actions import clock_events
from access_requests.choices import ITEM_STATES_UNDER_WAY, GrantMetric, Metric, RequestKind
from access_requests.models import Grant, RequestItem, System
from partners import queries as directory
from portal.accounts.rules import SYSTEM, Actor
from sla.registry import Choices, Dimension, StarterPolicy, SubjectKind, register_kind

_HOUR, _DAY = 60, 8 * 60


def _partners() -> Choices:
    rows = directory.partners_visible_to(SYSTEM).filter(archived_at=None).order_by("name", "pk")
    return [(str(one.pk), one.label) for one in rows]


def _systems() -> Choices:
    return [(str(one.pk), one.label) for one in System.objects.filter(archived_at=None)]


def _labels(pairs: Iterable[tuple[object, object]]) -> Choices:
    return [(str(value), str(label)) for value, label in pairs]


def _privileged() -> Choices:
    return [(queries.YES, str(_("Privileged"))), (queries.NO, str(_("Not privileged")))]


def _item_seen(actor: Actor, item_id: int) -> bool:
    return queries.items_visible_to(actor).filter(pk=item_id).exists()


def _items_seen(actor: Actor, item_ids: Collection[int]) -> set[int]:
    return set(queries.items_visible_to(actor).filter(pk__in=item_ids).values_list("pk", flat=True))


def _grant_seen(actor: Actor, grant_id: int) -> bool:
    return queries.grants_visible_to(actor).filter(pk=grant_id).exists()


def _grants_seen(actor: Actor, grant_ids: Collection[int]) -> set[int]:
    return set(queries.grants_visible_to(actor).filter(pk__in=grant_ids).values_list("pk", flat=True))


def _item_title(item_id: int) -> str:
    item = RequestItem.objects.select_related("entitlement__system").filter(pk=item_id).first()
    return f"AR-{item.request_id} {item.entitlement.system.label}: {item.entitlement.label}" if item else ""


def _grant_title(grant_id: int) -> str:
    grant = Grant.objects.select_related("entitlement__system").filter(pk=grant_id).first()
    return f"{grant.entitlement.system.label}: {grant.entitlement.label}" if grant else ""


def _item_url(item_id: int) -> str:
    request = RequestItem.objects.filter(pk=item_id).values_list("request_id", flat=True).first()
    return reverse("access:request", args=[f"AR-{request}"]) if request else reverse("access:requests")


def _no_dimensions(ids: Sequence[int]) -> Mapping[int, Mapping[str, str]]:
    return {pk: {} for pk in ids}


def _starter(
    name: str, name_zh: str, match: Mapping[str, Sequence[str]], approval: int, fulfilment: int
) -> StarterPolicy:
    """Warns twice; a breach reaches managers and coordinators four business hours later."""
    return StarterPolicy(
        name=name,
        name_zh=name_zh,
        match=match,
        minutes={Metric.APPROVAL.value: approval, Metric.FULFILMENT.value: fulfilment},
        pause_states={},
        warn=(50, 75),
        levels=((0, ("manager",)), (4 * _HOUR, ("manager", "coordinator"))),
    )


ITEMS = SubjectKind(
    key=queries.ITEM_KIND,
    label=_("Access item"),
    metrics={metric.value: metric.label for metric in Metric},
    dimensions={
        "kind": Dimension(_("Kind of request"), lambda: _labels(RequestKind.choices)),
        "partner": Dimension(_("Partner"), _partners),
        "system": Dimension(_("System"), _systems),
        "privileged": Dimension(_("Privileged"), _privileged),
    },
    states=lambda: [(state.value, state.label) for state in ITEM_STATES_UNDER_WAY],
    lock=clock_events.lock_items,
    on_events=clock_events.on_item_events,
    on_due_changed=clock_events.on_due_changed,
    dimensions_of=clock_events.dimensions_of,
    state_of=queries.item_states,
    can_see=_item_seen,
    title_of=_item_title,
    url_of=_item_url,
    seen_among=_items_seen,
    starters=(
        _starter("Privileged access", "特权访问", {"privileged": [queries.YES]}, 4 * _HOUR, _DAY),
        _starter("Access", "访问权限", {}, _DAY, 2 * _DAY),
    ),
)
GRANTS = SubjectKind(
    key=queries.GRANT_KIND,
    label=_("Access that ends"),
    metrics={},
    dimensions={},
    states=lambda: [("live", _("In force")), ("ended", _("Ended"))],
    lock=clock_events.lock_grants,
    on_events=clock_events.on_grant_events,
    on_due_changed=clock_events.on_due_changed,
    dimensions_of=_no_dimensions,
    state_of=queries.grant_states,
    can_see=_grant_seen,
    title_of=_grant_title,
    extra_metrics={metric.value: metric.label for metric in GrantMetric},
    seen_among=_grants_seen,
)


def register() -> None:
    """Make them known to the clocks."""
    register_kind(ITEMS)
    register_kind(GRANTS)
