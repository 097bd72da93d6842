"""What the rules need to know of a case, and everything an actor may do on it."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Case as SqlCase
from django.db.models import Exists, OuterRef, QuerySet, Value, When
from django.utils import timezone

from escalations import rules
from escalations.choices import Sensitivity, State
from escalations.models import Case, ServiceMailbox
from escalations.rules import handing
from portal.accounts.rules import Actor

from .letting_in import live_grants, may_hold_grants, opening_consults, opening_offers, own_service_ids
from .scope import Scope

Cases = QuerySet[Case]


def with_names(rows: Cases) -> Cases:
    """Cases with what a page shows beside them, in the same query."""
    related = ("service", "site__partner", "owner", "raised_by", "issue_type__parent__parent", "origin")
    boxes = ServiceMailbox.objects.filter(service_id=OuterRef("service_id"), mailbox__archived_at=None)
    return rows.select_related(*related).defer("search").annotate(answers_by_mail=Exists(boxes))


def with_let_in(rows: Cases, actor: Actor, scope: Scope) -> Cases:
    """Cases that know whether the actor was let in to read them, so that nobody has to ask for each. For reading only."""
    if not scope.let_in:
        return rows
    let_in = SqlCase(When(pk__in=sorted(scope.let_in), then=Value(actor.user_id)), default=Value(0))
    return rows.annotate(let_in_for=let_in)


def facts_of(actor: Actor, case: Case, at: datetime | None = None) -> rules.Facts:
    """The case as the rules see it for this actor. One query for a restricted case; one or two for somebody who sees it by
    a question or an offer alone, or not at all; none otherwise (site selected)."""
    if case.sensitivity == Sensitivity.RESTRICTED:
        return plain_facts(case, granted=may_hold_grants(actor) and _holds(actor, case, at))
    facts = plain_facts(case)
    if actor.is_system or not may_hold_grants(actor) or rules.can_see_internal(actor, facts).ok:
        return facts
    known = getattr(case, "let_in_for", None) == actor.user_id
    return plain_facts(case, let_in=known or _let_in(actor, case))


def plain_facts(case: Case, *, granted: bool = False, let_in: bool = False) -> rules.Facts:
    """The case as the rules see it, the grant, question or offer being known."""
    return rules.Facts(
        service_id=case.service_id,
        site_id=case.site_id,
        partner_id=case.site.partner_id if case.site else None,
        raised_by_id=case.raised_by_id,
        owner_id=case.owner_id,
        state=case.state,
        sensitivity=case.sensitivity,
        resolved_at=case.resolved_at,
        granted=granted,
        let_in=let_in,
        case_id=case.pk,
    )


def _holds(actor: Actor, case: Case, at: datetime | None) -> bool:
    return live_grants(at or timezone.now()).filter(user_id=actor.user_id or 0, case=case).exists()


def _let_in(actor: Actor, case: Case) -> bool:
    if opening_consults().filter(to_user=actor.user_id or 0, case=case).exists():
        return True
    return opening_offers().filter(to_service__in=own_service_ids(actor), case=case).exists()


@dataclass(frozen=True, slots=True)
class CaseRights:
    """What the actor may do on one case now: for buttons and menus. The actions decide again."""

    verbs: tuple[str, ...]
    work: bool
    assign: bool
    take: bool
    give_back: bool
    severity: bool
    note_shared: bool
    note_internal: bool
    contact: bool
    fact: bool
    details: bool
    service: bool
    sensitivities: tuple[str, ...]
    escalate: bool
    merge: bool
    grant: bool
    watch: bool
    redact_any: bool
    sees_internal: bool
    mail: bool
    offer: bool
    ask: bool
    regulate: bool
    pack: bool


def case_rights(actor: Actor, case: Case, at: datetime) -> CaseRights:
    """All rights on a case that the actor sees, from one reading of its facts."""
    return _rights(actor, case, facts_of(actor, case, at), at)


def rights_while_open(actor: Actor, case: Case, at: datetime) -> CaseRights:
    """What the actor could do while the case is open: who has none of it never may, all others came too late. Owners and
    mailboxes come and go as states do."""
    rights = _rights(actor, case, replace(facts_of(actor, case, at), state=State.IN_PROGRESS.value), at)
    return replace(rights, offer=rights.service, mail=rights.contact)


def _rights(actor: Actor, case: Case, facts: rules.Facts, at: datetime) -> CaseRights:
    levels = [level for level in Sensitivity.values if level != case.sensitivity]
    return CaseRights(
        verbs=rules.allowed_verbs(actor, facts, at),
        work=rules.may_work(actor, facts).ok,
        assign=rules.can_assign(actor, facts, -1).ok,
        take=facts.owner_id != actor.user_id and rules.can_assign(actor, facts, actor.user_id).ok,
        give_back=facts.owner_id == actor.user_id and rules.can_assign(actor, facts, None).ok,
        severity=rules.can_set_severity(actor, facts).ok,
        note_shared=rules.can_note(actor, facts, internal=False).ok,
        note_internal=rules.can_note(actor, facts, internal=True).ok,
        contact=rules.can_contact(actor, facts).ok,
        fact=rules.can_record_fact(actor, facts).ok,
        details=rules.can_change_details(actor, facts).ok,
        service=rules.can_change_service(actor, facts).ok,
        sensitivities=tuple(level for level in levels if rules.can_mark_sensitive(actor, facts, level).ok),
        escalate=rules.can_escalate(actor, facts).ok,
        merge=rules.can_merge_away(actor, facts).ok,
        grant=rules.can_grant(actor, facts).ok,
        watch=rules.can_watch(actor, facts).ok,
        redact_any=rules.can_redact(actor, facts, None).ok,
        sees_internal=rules.can_see_internal(actor, facts).ok,
        offer=handing.can_offer(actor, facts).ok,
        ask=handing.can_ask(actor, facts).ok,
        mail=rules.can_contact(actor, facts).ok and bool(getattr(case, "answers_by_mail", False)),
        regulate=rules.can_regulate(actor, facts).ok,
        pack=rules.can_pack(actor, facts).ok,
    )
