"""Raising a case."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.contrib.postgres.search import SearchVector
from django.db import transaction
from django.db.models import Value

from escalations import rules
from escalations.choices import Channel, Entry, Reason, Sensitivity
from escalations.models import Case
from escalations.queries.opening import Opening, opening
from portal.accounts.rules import Actor, Standing
from portal.inserting import insert
from portal.ui.textsearch import index_text

from . import clocks
from ._base import Refused, add_entry, add_reason, known, moment, required, trail, words
from .events_out import told_at_once
from .keeping import keep_access
from .severity import Judgement, judged


def open_case(
    *,
    actor: Actor,
    service_id: int,
    site_id: int | None,
    subject: str,
    description: str = "",
    issue_type_id: int | None = None,
    channel: str = Channel.PORTAL,
    customer_ref: str = "",
    contact_hint: str = "",
    impact: str = "",
    urgency: str = "",
    signals: Iterable[str] = (),
    severity_override: int | None = None,
    override_reason: str = "",
    sensitivity: str = Sensitivity.STANDARD,
    waiting_since: datetime | None = None,
    at: datetime | None = None,
    asked: Opening | None = None,
) -> Case:
    """Open a case in the caller's transaction: entry, audit row, clocks for first response and resolution. `waiting_since`:
    the customer has waited for the first response from before; `asked`: what the caller asked in this transaction. Raises
    Refused."""
    when = moment(at)
    asked = asked or opening(service_id, site_id, issue_type_id, impact, urgency)
    facts = _facts(asked, service_id, site_id, sensitivity)
    acting = required(actor, rules.can_create(actor, facts))
    judgement = judged(
        service_id=service_id,
        impact=impact,
        urgency=urgency,
        signals=tuple(signals),
        override=severity_override,
        reason=override_reason,
        cells=asked.cells,
    )
    case = Case(
        service_id=service_id,
        site_id=site_id,
        raised_by_id=_raiser(acting, facts, actor),
        issue_type_id=_issue(asked, issue_type_id),
        channel=known(channel, Channel.values),
        subject=words(subject, needed=Reason.SUBJECT_NEEDED, limit=200),
        customer_ref=words(customer_ref, limit=80),
        contact_hint=words(contact_hint, limit=200),
        sensitivity=sensitivity,
        opened_at=when,
        updated_at=when,
        **judgement.columns(),
    )
    text, promised = words(description), clocks.promised(case, asked.partner_id, waiting_since)
    case.next_due_at = min((one.due_at for one in promised if one.due_at), default=None)
    _insert(case)
    with told_at_once(case):
        _tell(acting, case, when, text, judgement)
        clocks.keep(acting, case, promised)
    return case


#: The same in a transaction of its own, or a part that can be taken back within another one.
create_case = transaction.atomic(open_case)


def _facts(asked: Opening, service_id: int, site_id: int | None, sensitivity: str) -> rules.Facts:
    """What the rules ask of a case that is not there yet."""
    if sensitivity not in Sensitivity.values:
        raise Refused(Reason.UNKNOWN_VALUE)
    if not asked.service:
        raise Refused(Reason.UNKNOWN_SERVICE)
    if site_id is not None and not asked.site:
        raise Refused(Reason.UNKNOWN_SITE)
    return rules.Facts(service_id, site_id, asked.partner_id, sensitivity=sensitivity)


def _raiser(acting: Actor, facts: rules.Facts, actor: Actor) -> int | None:
    """Who raised it. An agent's stand-in raises it for the agent, who follows it when back."""
    return acting.principal_id if acting.principal_id and _as_agent(actor, acting, facts) else actor.user_id


def _as_agent(actor: Actor, acting: Actor, facts: rules.Facts) -> bool:
    def stands(one: Standing) -> bool:
        return one.principal_id == acting.principal_id and one.site_id == facts.site_id

    return any(stands(one) for one in actor.of("partner_agent"))


def _issue(asked: Opening, issue_type_id: int | None) -> int | None:
    if issue_type_id is not None and not asked.issue:
        raise Refused(Reason.UNKNOWN_ISSUE)
    return issue_type_id


def _insert(case: Case) -> None:
    """Insert with the text search column, which is read from the database when somebody asks for it."""
    case.search = search_text(case)
    insert([case], by={"search": _VECTOR})
    del case.search


def search_text(case: Case) -> str:
    """What the text filter looks at: subject and customer reference. Bodies can be redacted and are left out."""
    return index_text(f"{case.subject} {case.customer_ref}")


def index(case: Case) -> None:
    """Bring the text search column up to date."""
    Case.objects.filter(pk=case.pk).update(search=_vector(case))


def _vector(case: Case) -> SearchVector:
    return SearchVector(Value(search_text(case)), config="simple")


# The same in SQL.
_VECTOR: Final = "to_tsvector('simple'::regconfig, %s)"


def _tell(acting: Actor, case: Case, at: datetime, description: str, judgement: Judgement) -> None:
    params = {"severity": case.severity, "channel": str(case.channel), "signals": list(case.signals)}
    add_entry(case, acting, Entry.OPENED, "opened", at, params=params, text=description, internal=False)
    if judgement.overridden:
        add_reason(case, acting, at, judgement.reason)
    changes = {"service": case.service_id, "site": case.site_id, "severity": case.severity}
    trail(acting, "case.opened", case, {**changes, "sensitivity": str(case.sensitivity)})
    if case.sensitivity == Sensitivity.RESTRICTED:
        keep_access(case, acting, [acting.user_id], at)
