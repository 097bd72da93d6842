"""Handing a case over with the other's consent: offered, then accepted, declined or taken back.

Until it is accepted nothing moves, and whoever owns the case goes on owning it.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from escalations import access, queries
from escalations.choices import Entry, Reason, Sensitivity
from escalations.choices.handing import OfferState, packed
from escalations.models import Case, Handover, Service
from escalations.queries.people import members_by_service, seeing_pairs
from escalations.rules import handing
from portal.accounts.rules import Actor

from ._base import Outcome, Refused, add_entry, locked, moment, required, touch, trail, words
from .assign import check_owner, set_owner
from .change import move
from .telling import tell

MAX_PART: Final = 4_000


def offer_handover(
    *,
    actor: Actor,
    ref: str | int,
    summary: Mapping[str, str],
    nothing: Collection[str] = (),
    user_id: int | None = None,
    service_id: int | None = None,
    at: datetime | None = None,
) -> Handover:
    """Offer the case to a person or to another service, with what is done, open, promised and risky; `nothing`: the parts
    about which there is nothing to say. They are told if they may see it. Raises Refused, Http404."""
    when, text = moment(at), _summary(summary, nothing)
    with locked(actor, ref) as case:
        acting = required(actor, handing.can_offer(actor, queries.facts_of(actor, case)))
        if Handover.objects.filter(case=case, state=OfferState.OFFERED).exists():
            raise Refused(Reason.ALREADY_OFFERED)
        target = _target(actor, case, user_id, service_id, when)
        entry = add_entry(case, acting, Entry.HANDOVER, "handover.offered", when, params=target, text=text)
        offer = Handover.objects.create(
            case=case, entry=entry, given_by_id=acting.user_id or 0, offered_at=when,
            to_user_id=target.get("user"), to_service_id=target.get("service"),
        )  # fmt: skip
        touch(case, when)
        trail(acting, "case.handover_offered", case, target)
        tell("case.handover_offered", str(offer.pk), {"case": case.pk, "handover": offer.pk})
        return offer


def _summary(summary: Mapping[str, str], nothing: Collection[str]) -> str:
    kept = {part: words(summary.get(part, ""), limit=MAX_PART) for part in handing.PARTS}
    for fault in handing.faults_of(kept, nothing).values():
        raise Refused(fault)
    return packed({part: "" if part in nothing else kept[part] for part in handing.PARTS})


def _target(actor: Actor, case: Case, user_id: int | None, service_id: int | None, at: datetime) -> dict[str, int]:
    """Whom it goes to. Raises Refused, also where nobody there may know of the case."""
    if user_id is not None:
        if user_id == actor.user_id:
            raise Refused(Reason.OFFER_TO_ONESELF)
        if user_id == case.owner_id:
            raise Refused(Reason.ALREADY_THEIRS)
        check_owner(case, user_id)
        return {"user": user_id}
    if service_id is None or not Service.objects.filter(pk=service_id, archived_at=None).exists():
        raise Refused(Reason.UNKNOWN_SERVICE)
    if service_id == case.service_id:
        raise Refused(Reason.ALREADY_THERE)
    if case.sensitivity != Sensitivity.STANDARD and not _known_there(case, service_id, at):
        raise Refused(Reason.NOBODY_THERE_SEES)
    return {"service": service_id}


def _known_there(case: Case, service_id: int, at: datetime) -> bool:
    """Whether somebody of the service sees the case already: an offer of a sensitive one opens nothing."""
    members = members_by_service([service_id], leads_only=False, at=at).get(service_id, set())
    seeing, _cases = seeing_pairs({(user, case.pk) for user in members}, at)
    return bool(seeing)


@contextmanager
def _settling(actor: Actor, handover_id: int) -> Iterator[tuple[Case, Handover]]:
    """The case and its offer, locked and read again. Raises Http404, and Refused if the offer is settled."""
    found = access.get_handover(actor, handover_id)
    with locked(actor, found.case_id) as case:
        offer = Handover.objects.select_for_update(no_key=True).get(pk=found.pk)
        if offer.state != OfferState.OFFERED:
            raise Refused(Reason.OFFER_SETTLED)
        yield case, offer


def accept_handover(*, actor: Actor, handover_id: int, at: datetime | None = None) -> Outcome:
    """Take the case over: a person as it is, a service's member with the service, whose policies its clocks follow from
    their original start on. Whoever offered it is told. Raises Refused, Http404."""
    when = moment(at)
    with _settling(actor, handover_id) as (case, offer):
        facts = queries.facts_of(actor, case)
        acting = required(actor, handing.can_accept(actor, facts, offer.to_user_id, offer.to_service_id))
        if offer.given_by_id == actor.user_id:
            raise Refused(Reason.OFFER_OWN)
        _settle(acting, case, offer, OfferState.ACCEPTED, when)
        if offer.to_service is not None:
            move(acting, case, offer.to_service, when, owner_id=acting.user_id)
        elif case.owner_id != acting.user_id:
            set_owner(acting, case, acting.user_id, when)
        return Outcome(case)


def decline_handover(*, actor: Actor, handover_id: int, reason: str, at: datetime | None = None) -> Handover:
    """Say no, and why; whoever offered it is told. Raises Refused, Http404."""
    when, why = moment(at), words(reason, needed=Reason.REASON_NEEDED)
    with _settling(actor, handover_id) as (case, offer):
        facts = queries.facts_of(actor, case)
        acting = required(actor, handing.can_answer_offer(actor, facts, offer.to_user_id, offer.to_service_id))
        if offer.given_by_id == actor.user_id:
            raise Refused(Reason.OFFER_OWN)
        _settle(acting, case, offer, OfferState.DECLINED, when, why)
        touch(case, when)
        return offer


def take_back_handover(*, actor: Actor, handover_id: int, at: datetime | None = None) -> Handover:
    """The offer does not stand any more. Raises Refused, Http404."""
    when = moment(at)
    with _settling(actor, handover_id) as (case, offer):
        facts = queries.facts_of(actor, case)
        acting = required(actor, handing.can_take_back(actor, facts, offer.given_by_id))
        _settle(acting, case, offer, OfferState.TAKEN_BACK, when)
        touch(case, when)
        return offer


def _settle(acting: Actor, case: Case, offer: Handover, state: OfferState, at: datetime, why: str = "") -> None:
    offer.state, offer.settled_at, offer.settled_by_id = state, max(at, offer.offered_at), acting.user_id
    offer.save(update_fields=["state", "settled_at", "settled_by"])
    add_entry(case, acting, Entry.HANDOVER, f"handover.{state}", at, params={"user": offer.given_by_id}, text=why)
    trail(acting, f"case.handover_{state}", case, {"user": offer.given_by_id})
    if state != OfferState.TAKEN_BACK:
        payload = {"case": case.pk, "user": offer.given_by_id, "state": state.value}
        tell("case.handover_settled", str(offer.pk), payload)
