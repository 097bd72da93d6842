"""Which cases hang together with one, as far as a reader may know it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from escalations.choices.links import LinkKind, Said
from escalations.models import CarriedEntry, Case, CaseDifference, CaseLink
from portal.accounts.rules import Actor

from .scope import Scope, visible_to

#: Entries about a case beside another one, which change neither.
BESIDE: Final = ("link.made", "link.ended", "link.follows", "link.followed")
#: Entries about another case: there for those alone who may see that one.
PAIRED: Final = (*BESIDE, "link.split_into", "link.split_from")


@dataclass(frozen=True, slots=True)
class Linked:
    """A case that hangs together with another one, as seen from there; `said`: `choices.links.Said`, or "split_from" and
    "split_into"; `via`: the case that the link is of, another one if that was merged."""

    pk: int
    case: Case
    said: str
    via: int
    kept: bool


def with_marks(rows: QuerySet[Case]) -> QuerySet[Case]:
    """Cases that know whether they are linked and whether they show entries of another one, so that nobody asks for each."""
    links = CaseLink.objects.filter(Q(case_a=OuterRef("pk")) | Q(case_b=OuterRef("pk")))
    carried = CarriedEntry.objects.filter(case=OuterRef("pk"))
    return rows.annotate(is_linked=Exists(links), carries=Exists(carried))


def touching(case_ids: Iterable[int]) -> QuerySet[CaseLink]:
    """All links of these cases, ended ones too."""
    ids = list(case_ids)
    return CaseLink.objects.filter(Q(case_a__in=ids) | Q(case_b__in=ids))


def other_ends(case_ids: Iterable[int]) -> list[Case]:
    """The cases that these were ever linked to, whoever may see them."""
    ids = set(case_ids)
    rows = touching(ids).select_related("case_a__site", "case_b__site").defer("case_a__search", "case_b__search")
    return [case for link in rows for case in (link.case_a, link.case_b) if case.pk not in ids]


def linked_cases(actor: Actor, case: Case, *, scope: Scope | None = None) -> list[Linked]:
    """What hangs together with the case and with those merged into it, of what the actor may see; the newest first."""
    own = [case.pk, *Case.objects.filter(merged_into=case).values_list("pk", flat=True)]
    links = [link for link in touching(own).filter(ended_at=None).order_by("-pk") if not {*_ends(link)} <= set(own)]
    wanted = {pk for link in links for pk in _ends(link) if pk not in own}
    seen = visible_to(actor, scope=scope).filter(pk__in=wanted).select_related("service").defer("search")
    cases = {one.pk: one for one in seen}
    found = []
    for link in links:
        here, there = _ends(link) if link.case_a_id in own else reversed(_ends(link))
        if there in cases:
            found.append(Linked(link.pk, cases[there], said_of(link, here), here, link.kind == LinkKind.SPLIT))
    return found


def _ends(link: CaseLink) -> tuple[int, int]:
    return link.case_a_id, link.case_b_id


def said_of(link: CaseLink, here: int) -> str:
    """What the link says, seen from one of its two cases."""
    if link.b_follows is None:
        return link.kind
    came_out = link.b_follows == (here == link.case_b_id)
    if link.kind == LinkKind.SPLIT:
        return "split_from" if came_out else "split_into"
    return Said.FOLLOWS.value if came_out else Said.FOLLOWED.value


def live_link(one: Case, other: Case) -> CaseLink | None:
    """The link of two cases that has not ended."""
    first, second = sorted((one.pk, other.pk))
    return CaseLink.objects.filter(case_a=first, case_b=second, ended_at=None).first()


def told_apart(case: Case) -> set[int]:
    """The cases of which somebody said that they are not the same as this one."""
    rows = CaseDifference.objects.filter(Q(case_a=case) | Q(case_b=case)).values_list("case_a", "case_b")
    return {pk for pair in rows for pk in pair} - {case.pk}
