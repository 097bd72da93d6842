"""Actions as a kind of thing that has clocks."""

from collections.abc import Collection, Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.accounts.rules import Actor
from sla.registry import SubjectKind, register_kind

from .actions import action_clocks
from .choices import ActionState
from .models import Action
from .queries import actions as queries
from .queries.scope import actions_visible_to


def _seen_among(actor: Actor, ids: Collection[int]) -> set[int]:
    return set(actions_visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True))


def _title(pk: int) -> str:
    action = Action.objects.filter(pk=pk).first()
    return f"{action.ref} {action.title}" if action else ""


def _states(ids: Sequence[int]) -> Mapping[int, str]:
    return dict(Action.objects.filter(pk__in=ids).values_list("pk", "state"))


def _on_due_changed(ids: Sequence[int]) -> None:
    """The due instant stands in the action itself, and whoever changes it starts the clock."""


KIND = SubjectKind(
    key=queries.KIND,
    label=pgettext_lazy("things to do", "Action"),
    metrics={},
    dimensions={},
    states=lambda: [(state.value, state.label) for state in ActionState],
    lock=action_clocks.lock,
    on_events=action_clocks.on_events,
    on_due_changed=_on_due_changed,
    dimensions_of=lambda ids: {pk: {} for pk in ids},
    state_of=_states,
    can_see=lambda actor, pk: bool(_seen_among(actor, [pk])),
    title_of=_title,
    url_of=lambda pk: reverse("reviews:action", args=[f"A-{pk}"]),
    extra_metrics={queries.DUE: _("Due"), queries.ESCALATION: _("Word to those who answer for it")},
    seen_among=_seen_among,
)


def register() -> None:
    """Make them known to the clocks."""
    register_kind(KIND)
