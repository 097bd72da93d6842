"""Cases as a kind of thing that has clocks."""

from collections.abc import Collection, Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from escalations import queries
from escalations.actions import clock_events, events_out
from escalations.choices import OPEN_STATES, WAITING_STATES, Channel, Metric, Severity
from escalations.choices.statutory import Duty
from escalations.models import Service
from escalations.queries.due import internal_metric
from escalations.queries.statutory import counted_terms, zone_of_clock
from partners import queries as directory
from portal.accounts.rules import SYSTEM, Actor
from sla.registry import Choices, Dimension, StarterPolicy, SubjectKind, register_kind

_HOUR, _DAY = 60, 24 * 60
# Per severity: first response, next reply and resolution in business minutes, for whoever has no policy yet.
_STARTERS = {
    Severity.S1: (_HOUR, 2 * _HOUR, _DAY),
    Severity.S2: (2 * _HOUR, 4 * _HOUR, 2 * _DAY),
    Severity.S3: (6 * _HOUR, 12 * _HOUR, 3 * _DAY),
    Severity.S4: (12 * _HOUR, _DAY, 5 * _DAY),
}


def _services() -> Choices:
    return [(str(one.pk), one.label) for one in Service.objects.filter(archived_at=None).order_by("name", "pk")]


def _partners() -> Choices:
    rows = directory.partners_visible_to(SYSTEM).filter(archived_at=None).order_by("name", "pk")
    return [(str(one.pk), one.label) for one in rows]


def _labels(pairs: Iterable[tuple[object, object]]) -> Choices:
    return [(str(value), str(label)) for value, label in pairs]


def _led(actor: Actor) -> frozenset[str]:
    """Services whose policies the actor may edit without being an administrator."""
    return frozenset(str(pk) for pk in queries.led_service_ids(actor))


def _can_see(actor: Actor, case_id: int) -> bool:
    return queries.visible_to(actor).filter(pk=case_id).exists()


def _seen_among(actor: Actor, case_ids: Collection[int]) -> set[int]:
    return set(queries.visible_to(actor).filter(pk__in=case_ids).values_list("pk", flat=True))


def _may_know(actor: Actor, case_id: int, metric: str) -> bool:
    """What the law asks for is internal, and so are its clocks."""
    return not internal_metric(metric) or queries.visible_inside(actor).filter(pk=case_id).exists()


def _starter(severity: Severity, minutes: tuple[int, int, int]) -> StarterPolicy:
    """Warns twice; the owner and the service's lead hear of a breach at once, coordinators and managers an hour later."""
    waiting = [state.value for state in WAITING_STATES]
    return StarterPolicy(
        name=f"Severity {severity.value}",
        name_zh=f"{severity.value} 级",
        match={"severity": [str(severity.value)]},
        minutes=dict(zip((metric.value for metric in Metric), minutes, strict=True)),
        pause_states={Metric.NEXT_REPLY.value: waiting, Metric.RESOLUTION.value: waiting},
        warn=(50, 75),
        levels=((0, ("owner", "service_lead")), (_HOUR, ("coordinator", "manager"))),
    )


def _title(case_id: int) -> str:
    return f"EC-{case_id}"


def _url(case_id: int) -> str:
    return reverse("escalations:case", args=[_title(case_id)])


KIND = SubjectKind(
    key=queries.KIND,
    label=_("Case"),
    metrics={metric.value: metric.label for metric in Metric},
    dimensions={
        "service": Dimension(_("Service"), _services, _led),
        "severity": Dimension(_("Severity"), lambda: _labels(Severity.choices)),
        "partner": Dimension(_("Partner"), _partners),
        "channel": Dimension(_("Channel"), lambda: _labels(Channel.choices)),
    },
    states=lambda: [(state.value, state.label) for state in OPEN_STATES],
    lock=clock_events.lock,
    on_events=clock_events.on_events,
    on_due_changed=clock_events.on_due_changed,
    on_noted=events_out.clocks_moved,
    dimensions_of=clock_events.dimensions_of,
    state_of=clock_events.state_of,
    can_see=_can_see,
    title_of=_title,
    url_of=_url,
    seen_among=_seen_among,
    extra_metrics={duty.value: duty.label for duty in Duty},
    counted=counted_terms,
    zone=zone_of_clock,
    may_know=_may_know,
    starters=tuple(_starter(severity, minutes) for severity, minutes in _STARTERS.items()),
)


def register() -> None:
    """Make cases known to the clocks."""
    register_kind(KIND)
