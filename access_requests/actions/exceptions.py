"""Exceptions from a conflict rule: asked for because an item is blocked, granted for a while, ended."""

from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.http import Http404
from django.utils import timezone

from partners import queries as directory
from portal.accounts import queries as accounts
from portal.accounts.rules import SYSTEM, Actor
from portal.audit.actions import record
from portal.refusals import RefusedError

from .. import access, queries, rules
from ..choices import ItemState, Operation, Origin, RequestKind, Verdict
from ..models import ExceptionRequest, GrantReason, RequestItem, SodException
from . import granting, telling
from ._base import lock_people, lock_requests, move, note
from .leaving import removals_by_site, site_of_people
from .raising import raise_request
from .sending import check_and_ask

MAX_DAYS: Final = 366
MAX_REASON: Final = 500


@transaction.atomic
def ask_exception(*, actor: Actor, item_id: int, reason: str, ends_at: datetime) -> ExceptionRequest:
    """Ask that the person of a blocked item may hold both sides until an instant. Audited.

    Raises Http404, PermissionDenied, RefusedError (not_blocked, exception_needs_reason, exception_end,
    exception_waiting).
    """
    item = access.get_item(actor, item_id, for_update=True)
    allowed = access.permit(rules.requesting(actor, rules.Site(item.request.site_id, item.request.site.partner_id)))
    text, now = reason.replace("\0", "").strip()[:MAX_REASON], timezone.now()
    if item.state != ItemState.BLOCKED_SOD or item.sod_rule_id is None:
        raise RefusedError("not_blocked")
    if not text:
        raise RefusedError("exception_needs_reason", "reason")
    _check_end(ends_at, now)
    same = ExceptionRequest.objects.filter(rule_id=item.sod_rule_id, person_id=item.person_id, decided_at=None)
    if same.exists():
        raise RefusedError("exception_waiting")
    if allowed.user_id is None:
        raise RefusedError("exception_needs_reason", "reason")
    wanted = ExceptionRequest.objects.create(
        item=item, rule_id=item.sod_rule_id, person_id=item.person_id, reason=text, ends_at=ends_at,
        requested_by_id=allowed.user_id, on_behalf_of_id=allowed.principal_id, requested_at=now,
    )  # fmt: skip
    note([(item.request_id, item.pk)], "exception.ask", actor=allowed, at=now, params={"rule": item.sod_rule_id})
    _audit(allowed, "asked", wanted, {"rule_id": wanted.rule_id, "person_id": wanted.person_id})
    telling.tell(telling.EXCEPTION_ASKED, wanted.pk, {"exception": wanted.pk}, at=now)
    return wanted


@transaction.atomic
def grant_exception(*, actor: Actor, pk: int, comment: str = "") -> ExceptionRequest:
    """Let the person hold both sides until the asked instant; what it blocked is sent again. Audited.

    Raises Http404, PermissionDenied (not a manager of the site), RefusedError (own_exception, decided_meanwhile,
    exception_end, exception_overlaps).
    """
    wanted, allowed, now = _to_decide(actor, pk)
    _check_end(wanted.ends_at, now)
    try:
        with transaction.atomic():
            exception = SodException.objects.create(
                rule_id=wanted.rule_id, person_id=wanted.person_id, reason=wanted.reason,
                requested_by_id=wanted.requested_by_id, approved_by_id=allowed.user_id or 0,
                principal_id=allowed.principal_id, starts_at=now, ends_at=wanted.ends_at, created_at=now,
            )  # fmt: skip
    except IntegrityError as error:
        raise RefusedError("exception_overlaps") from error
    _decide(wanted, allowed, Verdict.APPROVED, comment, now, exception)
    _send_again(wanted, exception, allowed, now)
    return wanted


@transaction.atomic
def refuse_exception(*, actor: Actor, pk: int, comment: str) -> ExceptionRequest:
    """Say no, and why; the items stay blocked. Audited. Raises as `grant_exception`, and rejection_needs_reason."""
    wanted, allowed, now = _to_decide(actor, pk)
    if not comment.replace("\0", "").strip():
        raise RefusedError("rejection_needs_reason", "comment")
    _decide(wanted, allowed, Verdict.REJECTED, comment, now, None)
    return wanted


@transaction.atomic
def end_exception(*, actor: Actor, exception_id: int) -> SodException:
    """End an exception before its time: what was granted under it is taken away. Twice is once. Audited.

    Raises Http404, PermissionDenied (not a manager of a site of the person's).
    """
    lock_people(SodException.objects.filter(pk=exception_id).values_list("person_id", flat=True))
    exception = SodException.objects.select_for_update(no_key=True).filter(pk=exception_id).first()
    site_id = site_of_people({exception.person_id}).get(exception.person_id) if exception else None
    site = directory.sites_visible_to(actor).filter(pk=site_id or 0).first()
    if exception is None or site is None or not (queries.sees_all(actor) or site.pk in queries.site_ids(actor)):
        raise Http404
    allowed = access.permit(rules.permitted(actor, "approve", rules.Site(site.pk, site.partner_id)))
    if exception.ended_at is not None or exception.ends_at <= timezone.now():
        return exception
    now = timezone.now()
    exception.ended_at = now
    exception.save(update_fields=["ended_at"])
    record(actor=allowed, verb="sod_exception.ended", subject_type="sod_exception", subject_id=exception.pk)
    free = granting.end_reasons(GrantReason.objects.filter(sod_exception=exception, ended_at=None), now)
    for site_id, lines in removals_by_site(free).items():
        raise_request(actor=SYSTEM, kind=RequestKind.AD_HOC, site_id=site_id, lines=lines, origin=Origin.EXPIRY)
    return exception


def may_decide(actor: Actor, wanted: ExceptionRequest) -> Actor | str:
    """As who the actor may decide it; else the code of why not."""
    site = wanted.item.request.site
    candidates = rules.managing(actor, rules.Site(site.pk, site.partner_id))
    if not candidates:
        return "not_yours_to_decide"
    person_of = accounts.person_ids_of({actor.user_id or 0, *actor.principal_ids})
    return next((one for one in candidates if not _own(one, wanted, person_of)), "own_exception")


def _own(actor: Actor, wanted: ExceptionRequest, person_of: dict[int, int | None]) -> bool:
    users = {pk for pk in (actor.user_id, actor.principal_id) if pk is not None}
    asked = {wanted.requested_by_id, wanted.on_behalf_of_id}
    return bool(users & asked) or wanted.person_id in {person_of.get(pk) for pk in users}


def _to_decide(actor: Actor, pk: int) -> tuple[ExceptionRequest, Actor, datetime]:
    """The wanted exception, all requests that it blocks locked, and as who the actor decides it."""
    seen = access.get_exception(actor, pk)
    lock_people([seen.person_id])
    lock_requests(_blocked(seen).values_list("request_id", flat=True))
    wanted = access.get_exception(actor, pk, for_update=True)
    allowed = may_decide(actor, wanted)
    if allowed == "not_yours_to_decide":
        access.permit(None)
    if isinstance(allowed, str):
        raise RefusedError(allowed)
    if wanted.decided_at is not None:
        raise RefusedError("decided_meanwhile")
    return wanted, allowed, timezone.now()


def _blocked(wanted: ExceptionRequest) -> QuerySet[RequestItem]:
    return RequestItem.objects.filter(
        person_id=wanted.person_id, sod_rule_id=wanted.rule_id, state=ItemState.BLOCKED_SOD, operation=Operation.GRANT
    )


def _decide(
    wanted: ExceptionRequest, actor: Actor, verdict: str, comment: str, now: datetime, exception: SodException | None
) -> None:
    wanted.verdict, wanted.decided_at, wanted.exception = verdict, now, exception
    wanted.decided_by_id, wanted.principal_id = actor.user_id, actor.principal_id
    wanted.comment = comment.replace("\0", "").strip()[:MAX_REASON]
    wanted.save()
    code = "exception.grant" if verdict == Verdict.APPROVED else "exception.refuse"
    note([(wanted.item.request_id, wanted.item_id)], code, actor=actor, at=now, params={"rule": wanted.rule_id})
    _audit(actor, verdict, wanted, {"until": wanted.ends_at.isoformat()})
    telling.tell(telling.EXCEPTION_DECIDED, wanted.pk, {"exception": wanted.pk}, at=now)


def _send_again(wanted: ExceptionRequest, exception: SodException, actor: Actor, now: datetime) -> None:
    """Submit what the conflict blocked once more; the item it was asked for lasts as long as the exception."""
    ids = list(_blocked(wanted).values_list("pk", flat=True))
    moved = move(ids, "submit", actor=actor, at=now, round=F("round") + 1, sod_rule_id=None, stage=0)
    RequestItem.objects.filter(pk__in=moved).filter(pk=wanted.item_id).update(sod_exception=exception)
    check_and_ask(moved, actor=actor, at=now)


def _check_end(ends_at: datetime, now: datetime) -> None:
    if not now < ends_at <= now + timedelta(days=MAX_DAYS):
        raise RefusedError("exception_end", "ends_on", {"most": MAX_DAYS})


def _audit(actor: Actor, verb: str, wanted: ExceptionRequest, changes: dict[str, object]) -> None:
    record(
        actor=actor, verb=f"exception_request.{verb}", subject_type="exception_request", subject_id=wanted.pk,
        changes=changes,
    )  # fmt: skip
