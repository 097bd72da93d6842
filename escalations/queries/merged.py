"""Cases that go on in another one: where, and what of them a reader may know there."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from escalations import rules
from escalations.choices import Sensitivity, State
from escalations.models import Case, TimelineEntry
from portal.accounts.rules import Actor

from .facts import Cases, facts_of, plain_facts
from .scope import granted_ids, visible_to

# An entry of the survivor about the case that was merged into it.
LINKED = "link.merged_from"


def survivor_of(actor: Actor, case: Case) -> Case | None:
    """The case that this one was merged into, if the actor may see that one. A query for a merged case only."""
    if case.merged_into_id is None:
        return None
    return visible_to(actor).filter(pk=case.merged_into_id).defer("search").first()


def visible_refs(actor: Actor, case_ids: Iterable[int]) -> dict[int, str]:
    """References of those of the cases that the actor may see; no query for none."""
    wanted = set(case_ids)
    if not wanted:
        return {}
    return {pk: f"EC-{pk}" for pk in visible_to(actor).filter(pk__in=wanted).values_list("pk", flat=True)}


def with_taken_in(rows: Cases) -> Cases:
    """Cases that know whether others were merged into them, so that nobody has to ask for each."""
    return rows.annotate(took_in=Exists(Case.objects.filter(merged_into=OuterRef("pk"))))


def readable(actor: Actor, case: Case) -> Q:
    """The entries of a case's stream: its own, and those of the cases merged into it that the actor may see, each as far
    as the actor may see them where they were written. Of a case out of sight not even the word that it was merged."""
    own = _of(actor, facts_of(actor, case), case)
    took_in: bool = getattr(case, "took_in", True)
    merged = list(Case.objects.filter(merged_into=case).select_related("site").defer("search")) if took_in else []
    if not merged and case.state != State.MERGED:
        return own
    linked = TimelineEntry.objects.filter(case__in=[case, *merged], code=LINKED).values_list("params__case", flat=True)
    known = _rights(actor, Case.objects.filter(pk__in=list(linked)).select_related("site").defer("search"))
    found = own
    for one, facts in _rights(actor, merged):
        found |= _of(actor, facts, one)
    return found & (~Q(code=LINKED) | Q(params__case__in=[one.pk for one, _facts in known]))


def _of(actor: Actor, facts: rules.Facts, case: Case) -> Q:
    inside = rules.can_see_internal(actor, facts).ok
    return Q(case=case) if inside else Q(case=case, is_internal=False)


def _rights(actor: Actor, cases: Cases | list[Case]) -> list[tuple[Case, rules.Facts]]:
    """Those of the cases that the actor may see, as the rules see them. One query if one of them is restricted."""
    rows = list(cases)
    restricted = any(case.sensitivity == Sensitivity.RESTRICTED for case in rows)
    held = granted_ids(actor, timezone.now()) if restricted else frozenset()
    found = [(case, plain_facts(case, granted=case.pk in held)) for case in rows]
    return [(case, facts) for case, facts in found if rules.can_see(actor, facts).ok]
