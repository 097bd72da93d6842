"""What a brief is drafted from, the briefs that there are, and who may be given a copy. Of the case itself alone: what was
merged into it has readers of its own. Only the guard on names looks at that as well."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from escalations import rules
from escalations.choices import Direction, Entry, Sensitivity
from escalations.choices.facts import CardKey
from escalations.models import Brief, BriefCopy, BriefWord, Case, CaseFact, EntryBody, IssueType, Service, TimelineEntry
from escalations.rules.briefs.bounds import named_in
from escalations.rules.briefs.building import Deed, Fact, Matter
from escalations.rules.briefs.freezing import holds, thawed
from escalations.rules.briefs.levels import DEEDS, FULL, levels_for, reduced
from escalations.wording import Names
from portal.accounts.choices import Role
from portal.accounts.queries import actors_of, live_memberships
from portal.accounts.rules import Actor

from .facts import facts_of, plain_facts
from .letting_in import live_grants
from .people import names_of
from .scope import visible_inside, visible_to
from .timeline import entries_visible_to

#: How far back a writer picks from.
DEEDS_SHOWN: Final = 40
# Where entries name persons and services by their numbers.
_PERSONS_IN: Final = {"assignment.changed": ("from", "to"), "handover.accepted": ("user",)}
_SERVICES_IN: Final = {"service.changed": ("from", "to")}
_SITE_ROLES: Final = (Role.COORDINATOR, Role.MANAGER, Role.PARTNER_LEAD, Role.PARTNER_QA)


def matter_of(case: Case) -> Matter:
    """What the case itself says (service, site, issue type selected)."""
    return Matter(
        subject=case.subject,
        customer_ref=case.customer_ref,
        issue=[_named(one) for one in _path(case.issue_type)],
        service=_named(case.service),
        site=_named(case.site) if case.site else None,
        severity=case.severity,
        state=case.state,
        signals=list(case.signals),
        opened_at=case.opened_at,
    )


def _path(issue: IssueType | None) -> list[IssueType]:
    found: list[IssueType] = []
    while issue is not None:
        found.insert(0, issue)
        issue = issue.parent
    return found


def _named(row: Any) -> dict[str, str]:
    return {"name": row.name, "name_zh": row.name_zh}


def facts_for_brief(case: Case) -> list[Fact]:
    """What is known of the matter and can be read, the oldest first; how the customer wants to be met is no part of it.
    Two queries."""
    rows = CaseFact.objects.filter(case=case, entry__body__redacted_at=None).exclude(key__in=CardKey.values)
    before = dict(CaseFact.objects.filter(case=case, key="").values_list("pk", "replaces"))
    found = rows.filter(replaced_by=None, withdrawn=False).select_related("entry__body").order_by("pk")
    return [
        Fact(row.key or f"#{_first(row.pk, before)}", row.entry_id, row.key, row.source, row.entry.at, _words(row.entry))
        for row in found
    ]  # fmt: skip


def _first(pk: int, before: dict[int, int | None]) -> int:
    while (earlier := before.get(pk)) is not None:
        pk = earlier
    return pk


def deeds_for_brief(case: Case) -> list[Deed]:
    """What we did, the latest first: contacts, states, hand-overs, steps; not what the customer wrote or said to us. One
    query."""
    rows = TimelineEntry.objects.filter(case=case, code__in=DEEDS[FULL]).exclude(direction=Direction.INBOUND)
    rows = rows.select_related("body")
    return [
        Deed(row.pk, row.code, row.params, row.at, _words(row) if row.kind in (Entry.CONTACT, Entry.STEP) else "")
        for row in rows.order_by("-at", "-id")[:DEEDS_SHOWN]
    ]


def _words(entry: TimelineEntry) -> str:
    body: EntryBody | None = getattr(entry, "body", None)
    return body.text if body else ""


def marks_of(case: Case) -> list[str]:
    """Names and references that must not stand in what goes further than the case: of everybody who had to do with it, of
    the customer, and what the customer is known by; the same of all that was merged into it, in sight or not. Four queries."""
    merged = Case.objects.filter(merged_into=case).order_by("pk")
    held = [case, *merged.only("owner", "raised_by", "customer_ref", "contact_hint")]
    ids = [one.pk for one in held]
    acted = TimelineEntry.objects.filter(case__in=ids).exclude(actor=None).order_by().values_list("actor", flat=True)
    names = names_of({*acted.distinct(), *(pk for one in held for pk in (one.owner_id, one.raised_by_id))})
    card = CaseFact.objects.filter(
        case__in=ids, key__in=(CardKey.PREFERRED_NAME, CardKey.THROUGH), replaced_by=None, withdrawn=False
    )
    said = list(EntryBody.objects.filter(entry__fact__in=card.order_by()).values_list("text", flat=True))
    marks = [mark for one in held for mark in (one.customer_ref, one.contact_hint)]
    return [one for one in dict.fromkeys([*marks, *sorted(names.values()), *sorted(said)]) if one]


def briefs_of(case: Case) -> QuerySet[Brief]:
    """All versions, the newest first, with who wrote them."""
    return Brief.objects.filter(case=case).select_related("by").order_by("-version")


def newest_brief(case: Case) -> Brief | None:
    """The latest version; None where there is none. One query."""
    return briefs_of(case).first()


def entries_since(actor: Actor, case: Case, brief: Brief) -> int:
    """How much of what the actor sees happened to the case since a brief was made, briefs aside."""
    rows = entries_visible_to(actor, case).filter(case=case, recorded_at__gt=brief.at)
    return rows.exclude(kind=Entry.BRIEF).count()


def content_of(*briefs: Brief) -> list[dict[str, Any]]:
    """What each says, with its words as far as they were not removed. One query for all."""
    texts: dict[int, dict[int, str | None]] = {one.pk: {} for one in briefs}
    for word in BriefWord.objects.filter(brief__in=[one.pk for one in briefs]).order_by("pk"):
        texts[word.brief_id][word.number] = None if word.redacted_at else word.text
    return [thawed(one.content, texts[one.pk]) for one in briefs]


def named_by_now(case: Case, brief: Brief, level: str) -> list[str]:
    """Names and references that a copy at this level would tell, of all that is known of the case by now: what came to it since
    the version was written, by a merge or otherwise, was not looked for then. Five queries."""
    numbers = [held["word"] for held in holds(reduced(brief.content, level))]
    words = BriefWord.objects.filter(brief=brief, number__in=numbers, redacted_at=None).order_by("number")
    texts, marks = list(words.values_list("text", flat=True)), marks_of(case)
    return list(dict.fromkeys(one for text in texts for one in named_in(text, marks)))


def removed_counts(briefs: Iterable[Brief]) -> dict[int, int]:
    """How many texts were removed from each. One query."""
    rows = BriefWord.objects.filter(brief__in=[one.pk for one in briefs]).exclude(redacted_at=None).order_by()
    return dict(rows.values_list("brief").annotate(Count("pk")))


def removed_at(brief: Brief) -> datetime | None:
    """When words were last removed from it; None if none were. One query."""
    last: datetime | None = BriefWord.objects.filter(brief=brief).aggregate(last=Max("redacted_at"))["last"]
    return last


def words_left_by(entry: TimelineEntry) -> bool:
    """Whether the brief of this entry has words of its writer that can still be removed. One query."""
    return BriefWord.objects.filter(brief__entry=entry, entry=entry, redacted_at=None).exists()


def copies_of(brief: Brief) -> list[BriefCopy]:
    """Who was given it, in order."""
    return list(BriefCopy.objects.filter(brief=brief).select_related("reader", "by").order_by("pk"))


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody of the portal who may see the case now; `inside`: also what is internal to it."""

    user_id: int
    name: str
    inside: bool


def readers_of(case: Case) -> list[Reader]:
    """Everybody of the portal who may be given a copy, by name. Five queries at most."""
    now = timezone.now()
    granted = set(live_grants(now).filter(case=case).values_list("user_id", flat=True))
    people = names_of(_around(case, granted))
    actors, facts = actors_of(people, now), {has: plain_facts(case, granted=has) for has in (True, False)}
    found = []
    for pk, name in people.items():
        actor, seen = actors.get(pk), facts[pk in granted]
        if actor is not None and rules.can_see(actor, seen).ok:
            found.append(Reader(pk, name, rules.can_see_internal(actor, seen).ok))
    return sorted(found, key=lambda one: (one.name, one.user_id))


def _around(case: Case, granted: Collection[int]) -> set[int]:
    """Everybody whose role might show them the case; of a restricted one, who was let in."""
    if case.sensitivity == Sensitivity.RESTRICTED:
        return set(granted)
    wanted = Q(role=Role.ASSOCIATE, service=case.service_id) | Q(role__in=(Role.ADMINISTRATOR, Role.AUDITOR))
    if case.site_id is not None:
        at_site = Q(site=case.site_id) | Q(partner__sites=case.site_id)
        wanted |= Q(role__in=_SITE_ROLES) & at_site
    found = set(live_memberships(timezone.now()).filter(wanted).values_list("user_id", flat=True))
    return found | ({case.raised_by_id} if case.raised_by_id else set())


def copy_seen(actor: Actor, pk: int) -> BriefCopy | None:
    """A copy, for whom it is for in person while they see the case and may read as much of it, and for those who see what is
    internal to it."""
    rows = BriefCopy.objects.select_related("brief__by", "reader").filter(pk=pk)
    found = rows.first()
    case = case_of(actor, found.brief) if found else None
    if found is None or case is None:
        return None
    inside = rules.can_see_internal(actor, facts_of(actor, case)).ok
    theirs = found.reader_id is not None and found.reader_id == actor.user_id
    if not inside and not (theirs and found.level in levels_for(in_portal=True, inside=False)):
        return None
    found.brief.case = case
    return found


def copies_open_to(actor: Actor, case_ids: Collection[int]) -> list[tuple[int, int]]:
    """Of copies about these cases that are for the actor those that they may read now, each with its case. One query besides
    those of the scope."""
    fits = Q()
    for inside, rows in ((False, visible_to(actor)), (True, visible_inside(actor))):
        fits |= Q(brief__case__in=rows.values("pk"), level__in=levels_for(in_portal=True, inside=inside))
    mine = BriefCopy.objects.filter(fits, reader=actor.user_id or 0, brief__case__in=case_ids)
    return list(mine.order_by("pk").values_list("pk", "brief__case"))


def case_of(actor: Actor, brief: Brief) -> Case | None:
    """The case of a brief, if the actor may see it now."""
    rows = visible_to(actor).filter(pk=brief.case_id).select_related("site", "service").defer("search")
    return rows.first()


def _numbers(row: Mapping[str, Any], keys: Mapping[str, Sequence[str]]) -> set[int]:
    found = (row["params"].get(key) for key in keys.get(row["code"], ()))
    return {one for one in found if isinstance(one, int)}


def version_before(brief: Brief) -> Brief | None:
    """The version before this one. One query, none for the first."""
    if brief.version == 1:
        return None
    return Brief.objects.filter(case=brief.case_id, version=brief.version - 1).first()


def names_in(contents: Sequence[Mapping[str, Any]], level: str) -> Names:
    """Names of whom contents mention by number, and of services. Persons have names at the full level alone. Two queries at
    most."""
    users: set[int] = set()
    services: set[int] = set()
    for content in contents:
        for row in content["did"]:
            users |= _numbers(row, _PERSONS_IN)
            services |= _numbers(row, _SERVICES_IN)
        users |= {content["next"]["who"]} if content["next"].get("who") else set()
    named = names_of(users) if level == FULL else dict.fromkeys(users, _("a colleague"))
    found = Service.objects.in_bulk(services) if services else {}
    return Names(users=named, services={pk: one.label for pk, one in found.items()})
