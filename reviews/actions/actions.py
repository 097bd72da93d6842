"""Actions are raised, changed, taken on, done, verified by somebody else, sent back, dropped, carried over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.audit.actions import record
from portal.files.actions import store
from portal.refusals import ConflictError, RefusedError

from ..access.actions import action_to
from ..access.sources import Origin
from ..choices import OPEN_ACTIONS, ActionState, Source
from ..models import Action, ActionEvent, Engagement
from ..queries import actions as queries
from ..queries.scope import actions_visible_to
from ..rules.actions import FURTHEST, may_raise, step
from ..rules.standing import Place
from . import action_clocks, action_notices
from .action_notices import tell

NOTHING = Origin()
DONE_FIELDS = ("done_by_id", "done_for_id", "done_at")


@dataclass(frozen=True, slots=True)
class Wording:
    """What somebody writes of an action. `expected_change` in the KPI's unit, percent as a ratio."""

    title: str
    owner_id: int
    due_at: datetime
    text: str = ""
    kpi_id: int | None = None
    expected_change: Decimal | None = None


@transaction.atomic
def raise_action(*, actor: Actor, place: Place, wording: Wording, origin: Origin = NOTHING) -> Action:
    """Raise an action at a place, out of something in the actor's sight or out of nothing. The side is the owner's.

    Raises PermissionDenied, RefusedError (owner_elsewhere, owner_sees_no_case, action_due_past, action_due_far).
    """
    allowed = may_raise(actor, place, queries.partner_site_ids(place))
    if allowed is None or allowed.user_id is None:
        raise PermissionDenied
    now = timezone.now()
    action = Action(
        site_id=place.site_id, partner_id=place.partner_id if place.site_id is None else None, source=origin.source,
        made_by_id=allowed.user_id, created_at=now, **origin.fields,
    )  # fmt: skip
    if origin.source == Source.SCORECARD:
        # Out of a cell, it is about the cell's KPI for good.
        action.kpi_id = origin.kpi_id
    _apply(action, wording, now)
    action.save()
    action_clocks.start(action, actor=allowed, at=now)
    _note(action, "action.raised", actor=allowed, at=now)
    _record(allowed, "action.raised", action, {"source": action.source, "owner_id": action.owner_id})
    tell(action_notices.ASSIGNED, action, [action.owner_id], by=allowed)
    return action


@transaction.atomic
def change(*, actor: Actor, ref: str | int, seen: int, wording: Wording) -> Action:
    """Change an open action; another due instant starts its clock anew. Raises RefusedError, ConflictError."""
    action, allowed = action_to(actor, ref, "change")
    if action.version != seen:
        raise ConflictError(action)
    if action.state not in OPEN_ACTIONS:
        raise RefusedError("action_moved_on")
    now, before = timezone.now(), _facts(action)
    _apply(action, wording, now)
    changed = {key: [before[key], value] for key, value in _facts(action).items() if before[key] != value}
    if not changed:
        return action
    if "due_at" in changed:
        action.is_overdue = False
        action_clocks.stop(action, actor=allowed, at=now, done=False)
        action_clocks.start(action, actor=allowed, at=now)
    _save(action)
    _note(action, "action.changed", actor=allowed, at=now, params={"fields": sorted(changed)})
    _record(allowed, "action.changed", action, {key: value for key, value in changed.items() if key not in _WORDS})
    if "owner_id" in changed:
        tell(action_notices.ASSIGNED, action, [action.owner_id], by=allowed)
    return action


@transaction.atomic
def take(*, actor: Actor, ref: str | int) -> Action:
    """The owner, or somebody of their side, has begun."""
    action, allowed, now = _step(actor, ref, "take")
    _moved(action, "action.taken", actor=allowed, at=now)
    return action


@transaction.atomic
def done(*, actor: Actor, ref: str | int, evidence: str, files: "Sequence[File[bytes]]" = ()) -> Action:
    """It is done, and this shows it; somebody else verifies. Raises RefusedError (evidence_missing), ValidationError for a file."""
    action, allowed, now = _step(actor, ref, "done")
    if not evidence.strip() and not files:
        raise RefusedError("evidence_missing", "evidence")
    for upload in files:
        store(actor=allowed, upload=upload, owner=(queries.FILE_OWNER, action.pk))
    action.evidence, action.is_overdue = evidence, False
    action.done_by_id, action.done_for_id, action.done_at = allowed.user_id, allowed.principal_id, now
    action_clocks.stop(action, actor=allowed, at=now, done=True)
    _moved(action, "action.done", actor=allowed, at=now, text=evidence, params={"files": len(files)})
    tell(action_notices.TO_VERIFY, action, queries.verifiers_of(action), by=allowed)
    return action


@transaction.atomic
def verify(*, actor: Actor, ref: str | int, text: str = "") -> Action:
    """Somebody else saw that it is done: from now on it stays as it is."""
    action, allowed, now = _step(actor, ref, "verify")
    action.verified_by_id, action.verified_for_id, action.verified_at = allowed.user_id, allowed.principal_id, now
    try:
        with transaction.atomic():
            _save(action)
    except IntegrityError as error:
        # Two accounts of one person are one person.
        raise RefusedError("action_two_people") from error
    _told(action, "action.verified", actor=allowed, at=now, text=text)
    tell(action_notices.VERIFIED, action, [action.owner_id, action.done_by_id], by=allowed)
    return action


@transaction.atomic
def send_back(*, actor: Actor, ref: str | int, text: str, due_at: datetime | None = None) -> Action:
    """It is not done: why, and until when, if it was due before now. Raises RefusedError."""
    action, allowed, now = _step(actor, ref, "send_back")
    if not text.strip():
        raise RefusedError("reason_missing", "text")
    action.due_at = _due(due_at or action.due_at, now)
    doers = [action.owner_id, action.done_by_id]
    for name in DONE_FIELDS:
        setattr(action, name, None)
    action_clocks.start(action, actor=allowed, at=now)
    _moved(action, "action.sent_back", actor=allowed, at=now, text=text)
    tell(action_notices.SENT_BACK, action, doers, by=allowed)
    return action


@transaction.atomic
def drop(*, actor: Actor, ref: str | int, text: str) -> Action:
    """Nothing comes of it, and why. Raises RefusedError."""
    action, allowed, now = _step(actor, ref, "drop")
    if not text.strip():
        raise RefusedError("reason_missing", "text")
    action.is_overdue = False
    action_clocks.stop(action, actor=allowed, at=now, done=False)
    _moved(action, "action.dropped", actor=allowed, at=now, text=text)
    tell(action_notices.DROPPED, action, [action.owner_id, action.made_by_id], by=allowed)
    return action


@transaction.atomic
def note(*, actor: Actor, ref: str | int, text: str) -> Action:
    """Write something down about it, whatever its state."""
    action, allowed = action_to(actor, ref, "note")
    if not text.strip():
        raise RefusedError("note_empty", "text")
    _note(action, "action.noted", actor=allowed, at=timezone.now(), text=text)
    _record(allowed, "action.noted", action, {})
    return action


@transaction.atomic
def carry_over(*, actor: Actor, engagement: Engagement) -> list[Action]:
    """The open actions of the meeting's series, for its agenda; each is told once that it came up again. The caller may run the meeting."""
    if engagement.series_id is None:
        return []
    rows = actions_visible_to(actor).filter(series=engagement.series_id, state__in=OPEN_ACTIONS)
    found = list(rows.exclude(engagement=engagement.pk).select_for_update(of=("self",), no_key=True).order_by("pk"))
    known = ActionEvent.objects.filter(
        action__in=found, code="action.carried", params__engagement=engagement.pk
    ).values_list("action_id", flat=True)
    for action in found:
        if action.pk not in set(known):
            params = {"engagement": engagement.pk, "title": engagement.title}
            _note(action, "action.carried", actor=actor, at=timezone.now(), params=params)
    return found


_WORDS = frozenset({"title", "text"})


def _facts(action: Action) -> dict[str, Any]:
    change = action.expected_change
    return {
        "title": action.title, "text": action.text, "owner_id": action.owner_id, "due_at": action.due_at.isoformat(),
        "kpi_id": action.kpi_id, "expected_change": None if change is None else str(change.normalize()),
    }  # fmt: skip


def _apply(action: Action, wording: Wording, now: datetime) -> None:
    if action.pk is None or action.owner_id != wording.owner_id:
        owner = queries.owner_at(queries.place_of(action), wording.owner_id)
        if owner is None:
            raise RefusedError("owner_elsewhere", "owner")
        if action.case_id is not None and not queries.sees_case(owner.pk, action.case_id):
            raise RefusedError("owner_sees_no_case", "owner")
        action.owner_id, action.side = owner.pk, owner.side
    if action.pk is None or action.due_at != wording.due_at:
        action.due_at = _due(wording.due_at, now)
    action.title, action.text = wording.title, wording.text
    if action.source != Source.SCORECARD:
        action.kpi_id = wording.kpi_id
    action.expected_change = wording.expected_change if action.kpi_id else None


def _due(due_at: datetime, now: datetime) -> datetime:
    if due_at <= now:
        raise RefusedError("action_due_past", "due")
    if due_at > now + FURTHEST:
        raise RefusedError("action_due_far", "due")
    return due_at


def _step(actor: Actor, ref: str | int, verb: str) -> tuple[Action, Actor, datetime]:
    """The action, locked and in its new state, unsaved. Raises RefusedError if it is no longer where the verb can be said."""
    action, allowed = action_to(actor, ref, verb)
    state = step(action.state, verb)
    if state is None:
        raise RefusedError("action_moved_on")
    action.state = ActionState(state)
    return action, allowed, timezone.now()


def _moved(action: Action, code: str, *, actor: Actor, at: datetime, **told: Any) -> None:
    _save(action)
    _told(action, code, actor=actor, at=at, **told)


def _told(
    action: Action, code: str, *, actor: Actor, at: datetime, text: str = "", params: Mapping[str, Any] | None = None
) -> None:
    _note(action, code, actor=actor, at=at, text=text, params=params)
    _record(actor, code, action, {"state": action.state, **(params or {})})


def _save(action: Action) -> None:
    action.version += 1
    action.save()


def _note(
    action: Action, code: str, *, actor: Actor, at: datetime, text: str = "", params: Mapping[str, Any] | None = None
) -> None:  # fmt: skip
    ActionEvent.objects.create(
        action=action, code=code, text=text, params=dict(params or {}), by_id=actor.user_id, for_user_id=actor.principal_id, at=at
    )  # fmt: skip


def _record(actor: Actor, verb: str, action: Action, changes: Mapping[str, object]) -> None:
    record(actor=actor, verb=f"review_{verb}", subject_type="review_action", subject_id=action.pk, changes=changes)
