"""Cases that hang together: linking them, ending that, and saying that two are not the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.http import Http404

from escalations import access, queries, rules
from escalations.choices import Entry, Reason
from escalations.choices.links import LinkKind, Said
from escalations.models import Case, CaseDifference, CaseLink
from escalations.queries.linking import live_link, said_of, touching
from portal.accounts.rules import Actor

from ._base import Refused, add_entry, known, moment, required, touch, trail

_DIRECTIONS = {Said.FOLLOWS.value: True, Said.FOLLOWED.value: False}


def link_cases(
    *, actor: Actor, ref: str | int, other: str | int, said: str, at: datetime | None = None
) -> tuple[Case, Case]:
    """Link a case to another one; `said` (of `choices.links.Said`) is what the first is to the second. It stands on both.
    Raises Refused, Http404."""
    when = moment(at)
    known(said, Said.values)
    with both_locked(actor, ref, other) as (case, beside):
        acting, _there = check_link(actor, case, beside)
        kind = LinkKind.FOLLOW_ON if said in _DIRECTIONS else LinkKind(said)
        make_link(acting, case, beside, kind, when, follows=_DIRECTIONS.get(said))
        return case, beside


@contextmanager
def both_locked(actor: Actor, ref: str | int, other: str | int) -> Iterator[tuple[Case, Case]]:
    """Two cases, locked in order of their numbers and read again, in one transaction. Raises Http404."""
    ids = [access.case_id(ref), access.case_id(other)]
    if None in ids:
        raise Http404
    with transaction.atomic():
        found = {pk: access.get_case(actor, pk, for_update=True) for pk in sorted({pk for pk in ids if pk})}
        yield found[ids[0] or 0], found[ids[1] or 0]


def check_link(actor: Actor, case: Case, beside: Case) -> tuple[Actor, Actor]:
    """The actor under the standings by which they work the one and the other. Raises Refused."""
    facts, others = queries.facts_of(actor, case), queries.facts_of(actor, beside)
    acting = required(actor, rules.can_link(actor, facts, others))
    if live_link(case, beside) is not None:
        raise Refused(Reason.ALREADY_LINKED)
    return acting, required(actor, rules.may_work(actor, others))


def make_link(
    acting: Actor, case: Case, beside: Case, kind: LinkKind, at: datetime, *, follows: bool | None = None
) -> CaseLink:
    """The link alone, of cases that are locked; `follows`: whether the first came out of the second. Entries on both say so."""
    first, second = sorted((case.pk, beside.pk))
    link = CaseLink.objects.create(
        case_a_id=first,
        case_b_id=second,
        kind=kind,
        b_follows=None if follows is None else follows == (case.pk == second),
        by_id=acting.user_id,
        at=at,
    )
    if kind != LinkKind.SPLIT:  # says more than that it is linked
        _say("link.made", acting, link, case, beside, at)
    return link


def _say(code: str, acting: Actor, link: CaseLink, case: Case, beside: Case, at: datetime) -> None:
    for one, other in ((case, beside), (beside, case)):
        add_entry(one, acting, Entry.LINK, code, at, params={"case": other.pk, "said": said_of(link, one.pk)})
        touch(one, at)
        verb = "case.linked" if code == "link.made" else "case.unlinked"
        trail(acting, verb, one, {"other": other.pk, "link": str(link.kind)})


def unlink(*, actor: Actor, ref: str | int, link_id: int, at: datetime | None = None) -> Case:
    """End a link of the case; that it was there, and who ended it, stays. Raises Refused, Http404 also where the other
    case is out of sight."""
    when, pk = moment(at), access.case_id(ref)
    link = touching([pk]).filter(pk=link_id).first() if pk else None
    if pk is None or link is None:
        raise Http404
    other = link.case_b_id if link.case_a_id == pk else link.case_a_id
    with both_locked(actor, pk, other) as (case, beside):
        facts, others = queries.facts_of(actor, case), queries.facts_of(actor, beside)
        acting = required(actor, rules.can_link(actor, facts, others))
        link.refresh_from_db()
        if link.kind == LinkKind.SPLIT:
            raise Refused(Reason.SPLIT_STAYS)
        if link.ended_at is not None:
            raise Refused(Reason.LINK_ENDED)
        link.ended_at, link.ended_by_id = when, acting.user_id
        link.save(update_fields=["ended_at", "ended_by"])
        _say("link.ended", acting, link, case, beside, when)
        return case


def tell_apart(*, actor: Actor, ref: str | int, other: str | int) -> Case:
    """Say that a case is not the same as another one that it looks like: it is not pointed out any more, to nobody.
    Raises Refused, Http404."""
    with both_locked(actor, ref, other) as (case, beside):
        facts, others = queries.facts_of(actor, case), queries.facts_of(actor, beside)
        acting = required(actor, rules.can_link(actor, facts, others))
        first, second = sorted((case.pk, beside.pk))
        made = {"by_id": acting.user_id}
        _row, is_new = CaseDifference.objects.get_or_create(case_a_id=first, case_b_id=second, defaults=made)
        if is_new:
            trail(acting, "case.told_apart", case, {"other": beside.pk})
        return case


def follow_on(case: Case, after: Case, at: datetime, acting: Actor) -> None:
    """A case that goes on where an ended one, which is locked, cannot: linked, and both say so."""
    first, second = sorted((case.pk, after.pk))
    CaseLink.objects.create(
        case_a_id=first,
        case_b_id=second,
        kind=LinkKind.FOLLOW_ON,
        b_follows=case.pk == second,
        by_id=acting.user_id,
        at=at,
    )
    add_entry(case, acting, Entry.LINK, "link.follows", at, params={"case": after.pk})
    add_entry(after, acting, Entry.LINK, "link.followed", at, params={"case": case.pk})
    touch(after, at)
