"""Two matters in one case: some of its messages make a case of their own. What was written stays as and where it is."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from escalations import queries, rules
from escalations.choices import Direction, Entry, Reason, Sensitivity
from escalations.choices.links import LinkKind
from escalations.models import CarriedEntry, Case, CaseGrant, TimelineEntry
from escalations.queries.splitting import splittable
from portal.accounts.queries import actors_of
from portal.accounts.rules import Actor

from ._base import Refused, add_entry, locked, moment, required, save, trail
from .coming_in import heir_of
from .create import create_case
from .keeping import earliest, held_until, keep_access, may_hold
from .linking import make_link


@dataclass(frozen=True, slots=True)
class Part:
    """What the case will be that is split off; severity as for any new case."""

    subject: str
    service_id: int
    issue_type_id: int | None = None
    impact: str = ""
    urgency: str = ""
    signals: Iterable[str] = ()
    severity_override: int | None = None
    override_reason: str = ""


def split(
    *,
    actor: Actor,
    ref: str | int,
    entry_ids: Collection[int],
    part: Part,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> Case:
    """Open a case of some of a case's messages; both show them, and nobody changes them. It is as protected as where they
    come from, and whoever had access to a restricted one has it to both. Its first response counts from the oldest message
    of the customer that goes along and was not answered, everything else from now. `expected_version` is the source's,
    which counts this as a change. Raises Refused, Stale, Http404."""
    when = moment(at)
    with locked(actor, ref, expected_version) as source:
        acting = required(actor, rules.can_split(actor, queries.facts_of(actor, source)))
        entries = _chosen(actor, source, entry_ids)
        case = create_case(
            actor=actor,
            service_id=part.service_id,
            site_id=source.site_id,
            subject=part.subject,
            issue_type_id=part.issue_type_id,
            channel=next((one.channel for one in entries if one.channel), str(source.channel)),
            customer_ref=source.customer_ref,
            contact_hint=source.contact_hint,
            impact=part.impact,
            urgency=part.urgency,
            signals=part.signals,
            severity_override=part.severity_override,
            override_reason=part.override_reason,
            sensitivity=_level(source, entries),
            waiting_since=_waiting_since(actor, source, entries),
            at=when,
        )
        CarriedEntry.objects.bulk_create(CarriedEntry(case=case, entry=one) for one in entries)
        _let_in(acting, case, {source, *(one.case for one in entries)}, when)
        make_link(acting, case, source, LinkKind.SPLIT, when, follows=True)
        _tell(acting, case, source, len(entries), when)
        return case


def _chosen(actor: Actor, source: Case, entry_ids: Collection[int]) -> list[TimelineEntry]:
    """The messages, the oldest first. Raises Refused unless each of them can go along."""
    wanted = set(entry_ids)
    rows = list(splittable(actor, source).filter(pk__in=wanted).select_related("case"))
    if not wanted or len(rows) < len(wanted):
        raise Refused(Reason.NOTHING_TO_SPLIT)
    return rows


def _level(source: Case, entries: Iterable[TimelineEntry]) -> str:
    level = source.sensitivity
    for one in entries:
        level = rules.higher_sensitivity(level, one.case.sensitivity)
    return level


def _waiting_since(actor: Actor, source: Case, entries: Iterable[TimelineEntry]) -> datetime | None:
    """Since when the customer waits for an answer to what goes along; None if they do not."""
    stream = queries.entries_visible_to(actor, source)
    answered = stream.filter(kind=Entry.CONTACT, direction=Direction.OUTBOUND).order_by("-at", "-id").first()
    asked = [one.at for one in entries if one.kind == Entry.CONTACT and one.direction == Direction.INBOUND]
    return min((one for one in asked if answered is None or answered.at < one), default=None)


def _let_in(acting: Actor, case: Case, origins: Collection[Case], at: datetime) -> None:
    """Who had access to every restricted case that it comes from has it to what is split off, and no longer than to any of
    them: an emergency ends for both."""
    if case.sensitivity != Sensitivity.RESTRICTED:
        return
    hidden = _restricted(origins)
    me = acting.user_id or 0
    # Of what was split off before, whoever splits it again need not see where it was written first.
    if own := [held[me] for held in (held_until(one, [me], at) for one in hidden) if me in held]:
        CaseGrant.objects.filter(case=case, user_id=me).update(expires_at=earliest(own))
    keeping = _to_each(hidden)
    keep_access(case, acting, keeping, at, until=keeping)


def _restricted(origins: Iterable[Case]) -> list[Case]:
    return [one for one in origins if one.sensitivity == Sensitivity.RESTRICTED]


def _to_each(hidden: Iterable[Case]) -> dict[int, datetime | None]:
    """Who has access to all of these restricted cases, with the end that comes first. Nobody reads by a split what they
    could not read before: that is why it is not whoever has access to one of them."""
    held = [heir_of(one).keeping for one in hidden]
    return {pk: earliest(one[pk] for one in held) for pk in set.intersection(*map(set, held))}


def losing_sight(*, actor: Actor, case: Case, entry_ids: Collection[int]) -> dict[int, str]:
    """Who has access to a restricted case that these messages come from, and will not see what is split off: names by
    user. Only of cases that the actor sees, whose pages name the same people; nobody if nothing of it is restricted."""
    entries = _chosen(actor, case, entry_ids)
    hidden = _restricted({case, *(one.case for one in entries)})
    if not hidden:
        return {}
    told = queries.visible_to(actor).filter(pk__in=[one.pk for one in hidden]).values_list("pk", flat=True)
    held = {one.user_id: one.name for row in queries.holders_of(told).values() for one in row}
    seeing = {actor.user_id, *_to_each(hidden)}
    people = actors_of(held.keys() - seeing, moment(None))
    return {pk: held[pk] for pk in sorted(people, key=lambda pk: (held[pk], pk)) if may_hold(people[pk])}


def _tell(acting: Actor, case: Case, source: Case, count: int, at: datetime) -> None:
    save(source, at)
    add_entry(
        source, acting, Entry.LINK, "link.split_into", at, params={"case": case.pk, "entries": count}, internal=False
    )
    add_entry(case, acting, Entry.LINK, "link.split_from", at, params={"case": source.pk}, internal=False)
    trail(acting, "case.split", source, {"other": case.pk})
