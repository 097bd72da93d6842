"""Merging two cases: who may, what the survivor takes over, what both tell afterwards."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from escalations import queries, rules, transitions
from escalations.actions import (
    Refused,
    Stale,
    add_note,
    assign,
    break_glass,
    close_resolved,
    escalate,
    log_contact,
    merge,
    set_sensitivity,
    set_severity,
    set_state,
    watch,
)
from escalations.choices import Sensitivity, State
from escalations.models import Case, Service, TimelineEntry
from escalations.queries import audience
from partners.models import Site
from portal.accounts.rules import SYSTEM, Actor
from portal.audit.models import AuditEntry
from tests.escalations.case_roles import put
from tests.factories.escalations import CaseFactory, ServiceFactory, actor, associate, coordinator, hold
from tests.factories.partners import SiteFactory

WHY = "One matter"


@pytest.fixture
def pair(service: Service, site: Site) -> tuple[Case, Case]:
    """The case that ends and the one that goes on."""
    return CaseFactory(service=service, site=site), CaseFactory(service=service, site=site)


def refused(someone: Actor, source: Case | str, target: Case | str) -> str:
    """Why it cannot be merged."""
    refs = [one.ref if isinstance(one, Case) else one for one in (source, target)]
    with pytest.raises(Refused) as no:
        merge(actor=someone, source=refs[0], target=refs[1], reason=WHY)
    return no.value.code


def test_one_ends_and_points_on_and_both_say_so(pair: tuple[Case, Case]) -> None:
    source, target = pair
    someone = coordinator(source.site)
    before = list(TimelineEntry.objects.order_by("pk").values())
    outcome = merge(actor=someone, source=source.ref, target=target.ref, reason=WHY, expected_version=1)
    source.refresh_from_db()
    assert (source.state, source.merged_into_id, source.version) == ("merged", target.pk, 2)
    assert outcome.case.pk == target.pk
    assert outcome.undo is None
    assert list(TimelineEntry.objects.order_by("pk").values())[: len(before)] == before
    assert [(e.code, e.params, e.actor_id) for e in source.entries.order_by("pk")[1:]] == [
        ("state.changed", {"verb": "merge", "from": "new", "to": "merged"}, someone.user_id),
        ("link.merged_into", {"case": target.pk}, someone.user_id),
        ("note.reason", {}, someone.user_id),
    ]
    linked = target.entries.order_by("pk").last()
    assert (linked.code, linked.params) == ("link.merged_from", {"case": source.pk})
    events = AuditEntry.objects.filter(subject_type="case", verb__in=("case.merged", "case.took_in"))
    assert {(e.verb, e.subject_id, e.changes.get("into"), e.changes.get("merged")) for e in events} == {
        ("case.merged", source.pk, target.pk, None),
        ("case.took_in", target.pk, None, source.pk),
    }


def test_the_table_says_what_may_end_and_what_may_go_on(pair: tuple[Case, Case]) -> None:
    source, target = pair
    someone = coordinator(source.site)
    verdicts = {}
    for one in State:
        for other in State:
            facts = [queries.facts_of(someone, case) for case in pair]
            made = replace(facts[0], state=one.value), replace(facts[1], state=other.value)
            verdict = rules.can_merge(someone, *made)
            verdicts[one.value, other.value] = verdict.code if isinstance(verdict, rules.Denied) else "ok"
    assert {one for one, _ in verdicts if verdicts[one, "new"] == "ok"} == set(transitions.MERGES)
    ended = {"closed", "merged", "rejected"}
    for (one, other), code in verdicts.items():
        wanted = "target_merged" if other == "merged" else "ok" if other in transitions.SURVIVES else "target_ended"
        assert code == ("not_possible" if one in ended else wanted), (one, other)
    assert refused(someone, source, source) == "merge_into_itself"
    put(target, "resolved")
    assert refused(someone, source, target) == "target_ended"
    with pytest.raises(Refused, match="Say why"):
        merge(actor=someone, source=source.ref, target=target.ref, reason=" \x00 ")


@pytest.mark.parametrize("ref", ["", "x", "EC-0", "EC-99999999", "EC-999999999999999999999"])
def test_what_is_no_case_is_not_found(pair: tuple[Case, Case], ref: str) -> None:
    for refs in ((pair[0].ref, ref), (ref, pair[0].ref)):
        with pytest.raises(Http404):
            merge(actor=SYSTEM, source=refs[0], target=refs[1], reason=WHY)


def test_whoever_works_both_may_merge_and_nobody_else(service: Service, site: Site) -> None:
    other_service, other_site = ServiceFactory(), SiteFactory()
    here, there = CaseFactory(service=service, site=site), CaseFactory(service=other_service, site=other_site)
    both = CaseFactory(service=service, site=other_site)
    for someone in (coordinator(site), associate(other_service)):
        for source, target in ((here, there), (there, here)):
            with pytest.raises(Http404):
                merge(actor=someone, source=source.ref, target=target.ref, reason=WHY)
    for role in ("partner_lead", "partner_qa"):
        assert refused(actor(role, site=site), here, CaseFactory(service=service, site=site)) == "not_your_role"
    for role in ("auditor", "administrator"):
        assert refused(actor(role), here, there) == "not_your_role"
    merge(actor=associate(service), source=here.ref, target=both.ref, reason=WHY)
    assert Case.objects.get(pk=here.pk).merged_into_id == both.pk


def test_a_merged_target_is_refused_naming_the_survivor_to_whoever_may_see_it(pair: tuple[Case, Case]) -> None:
    source, target = pair
    member, service = associate(source.service), source.service
    third = CaseFactory(service=service, site=source.site)
    merge(actor=member, source=source.ref, target=target.ref, reason=WHY)
    with pytest.raises(Refused, match=f"into {target.ref}. Choose {target.ref} instead"):
        merge(actor=member, source=third.ref, target=source.ref, reason=WHY)
    set_sensitivity(actor=member, ref=target.ref, sensitivity="confidential")
    assert refused(coordinator(source.site), third, source) == "target_merged"
    assert refused(member, source, third) == "not_possible"
    # Back into the one that it was merged into would be a ring.
    assert refused(member, target, source) == "target_merged"


def test_what_was_merged_into_the_source_goes_along(pair: tuple[Case, Case]) -> None:
    source, target = pair
    member = associate(source.service)
    first = CaseFactory(service=source.service, site=source.site)
    merge(actor=member, source=first.ref, target=source.ref, reason=WHY)
    merge(actor=member, source=source.ref, target=target.ref, reason=WHY)
    assert set(Case.objects.filter(merged_into=target).values_list("pk", flat=True)) == {first.pk, source.pk}
    assert not Case.objects.filter(merged_into__state="merged").exists()
    seen = {entry.case_id for entry in queries.entries_visible_to(member, Case.objects.get(pk=target.pk))}
    assert seen == {first.pk, source.pk, target.pk}


def test_the_database_agrees(pair: tuple[Case, Case]) -> None:
    source, target = pair
    for columns in ({"state": "merged"}, {"merged_into": target}, {"state": "merged", "merged_into": source}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Case.objects.filter(pk=source.pk).update(**columns)


def test_an_older_version_is_stale(pair: tuple[Case, Case]) -> None:
    source, target = pair
    member = associate(source.service)
    set_state(actor=member, ref=source.ref, verb="start")
    with pytest.raises(Stale):
        merge(actor=member, source=source.ref, target=target.ref, reason=WHY, expected_version=1)
    source.refresh_from_db()
    assert source.state == "in_progress"


LEVELS = [level.value for level in Sensitivity]


@pytest.mark.parametrize("mine", LEVELS)
@pytest.mark.parametrize("theirs", LEVELS)
def test_the_survivor_takes_the_higher_sensitivity(service: Service, site: Site, mine: str, theirs: str) -> None:
    lead, owner = associate(service, lead=True), associate(service)
    source, target = CaseFactory(service=service, site=site), CaseFactory(service=service, site=site, owner=None)
    assign(actor=lead, ref=target.ref, owner_id=owner.user_id)
    for case, level in ((source, mine), (target, theirs)):
        if level != "standard":
            set_sensitivity(actor=lead, ref=case.ref, sensitivity=level)
    merge(actor=lead, source=source.ref, target=target.ref, reason=WHY)
    target.refresh_from_db()
    source.refresh_from_db()
    higher = max(mine, theirs, key=LEVELS.index)
    assert (target.sensitivity, source.sensitivity) == (higher, mine)
    # Whoever works it goes on; everybody else is outside, those with a grant for the source, too.
    seeing = {who.user_id for who in (lead, owner) if queries.visible_to(who).filter(pk=target.pk).exists()}
    assert seeing == {lead.user_id, owner.user_id}
    assert queries.visible_to(coordinator(site)).filter(pk=target.pk).exists() == (higher == "standard")
    assert queries.visible_to(associate(service)).filter(pk=target.pk).exists() == (higher != "restricted")


def test_a_grant_for_the_source_is_none_for_the_survivor(service: Service, site: Site) -> None:
    lead, holder = associate(service, lead=True), coordinator(site)
    source, target = CaseFactory(service=service, site=site), CaseFactory(service=service, site=site)
    set_sensitivity(actor=lead, ref=source.ref, sensitivity="restricted")
    hold(source, holder)
    merge(actor=lead, source=source.ref, target=target.ref, reason=WHY)
    assert list(queries.visible_to(holder)) == [source]
    with pytest.raises(Http404):
        break_glass(actor=coordinator(SiteFactory()), ref=target.ref, reason=WHY)


def test_the_survivor_takes_the_graver_severity_and_the_higher_level(pair: tuple[Case, Case]) -> None:
    source, target = pair
    member = associate(source.service)
    set_severity(actor=member, ref=source.ref, impact="people", urgency="now", signals=["safety"])
    escalate(actor=member, ref=source.ref, reason="Up")
    merge(actor=member, source=source.ref, target=target.ref, reason=WHY)
    target.refresh_from_db()
    assert (target.severity, target.impact, target.signals, target.escalation_level) == (1, "people", ["safety"], 1)
    milder = CaseFactory(service=source.service, site=source.site)
    version = target.entries.filter(kind="severity").count()
    merge(actor=member, source=milder.ref, target=target.ref, reason=WHY)
    target.refresh_from_db()
    assert (target.severity, target.entries.filter(kind="severity").count()) == (1, version)


def test_watchers_and_the_owner_join_as_far_as_they_may_see(service: Service, site: Site) -> None:
    elsewhere = SiteFactory()
    source, target = CaseFactory(service=service, site=site), CaseFactory(service=service, site=elsewhere)
    member, owner = associate(service), associate(service)
    local, partner = coordinator(site), actor("partner_lead", site=site)
    for who in (member, local, partner):
        watch(actor=who, ref=source.ref)
    watch(actor=member, ref=target.ref)
    assign(actor=local, ref=source.ref, owner_id=owner.user_id)
    merge(actor=associate(service), source=source.ref, target=target.ref, reason=WHY)
    assert set(target.watchers.values_list("user_id", flat=True)) == {member.user_id, owner.user_id}
    assert source.watchers.count() == 3


def test_those_around_both_are_told_each_of_what_they_may_see(service: Service, site: Site) -> None:
    elsewhere = SiteFactory()
    source, target = CaseFactory(service=service, site=site), CaseFactory(service=service, site=elsewhere)
    owner, local, far = associate(service), coordinator(site), coordinator(elsewhere)
    partner = actor("partner_lead", site=site)
    for who, case in ((local, source), (partner, source), (far, target)):
        watch(actor=who, ref=case.ref)
    assign(actor=local, ref=source.ref, owner_id=owner.user_id)
    doing = associate(service)
    merge(actor=doing, source=source.ref, target=target.ref, reason=WHY)
    payload = {"case": target.pk, "merged": source.pk, "by": doing.user_id}
    told = {one.recipient_id: (one.subject_id, one.params["ref"]) for one in audience.merged([payload])}
    # Whoever sees the survivor alone hears nothing: not even that there was another case.
    assert told == {
        owner.user_id: (target.pk, target.ref),
        local.user_id: (source.pk, source.ref),
        partner.user_id: (source.pk, source.ref),
    }


def test_nothing_is_done_to_a_merged_case_any_more(pair: tuple[Case, Case]) -> None:
    source, target = pair
    lead = associate(source.service, lead=True)
    merge(actor=lead, source=source.ref, target=target.ref, reason=WHY)
    tries = {
        "state": lambda: set_state(actor=lead, ref=source.ref, verb="reopen"),
        "assign": lambda: assign(actor=lead, ref=source.ref, owner_id=lead.user_id),
        "severity": lambda: set_severity(actor=lead, ref=source.ref, signals=["press"]),
        "escalate": lambda: escalate(actor=lead, ref=source.ref, reason=WHY),
        "note": lambda: add_note(actor=lead, ref=source.ref, text="x", shared=False),
        "watch": lambda: watch(actor=lead, ref=source.ref),
        "contact": lambda: log_contact(
            actor=lead, ref=source.ref, channel="phone", direction="in", outcome="reached", text="x"
        ),
    }
    codes = {}
    for name, attempt in tries.items():
        with pytest.raises(Refused) as no:
            attempt()
        codes[name] = no.value.code
    stopped = dict.fromkeys(("state", "assign", "severity", "escalate"), "not_possible")
    assert codes == stopped | dict.fromkeys(("note", "watch", "contact"), "merged")
    rights = queries.case_rights(lead, Case.objects.get(pk=source.pk), timezone.now())
    assert (rights.verbs, rights.merge, rights.contact, rights.note_shared, rights.watch) == ((), *[False] * 4)
    # What protects it stays possible.
    set_sensitivity(actor=lead, ref=source.ref, sensitivity="confidential")
    assert close_resolved(now=timezone.now() + timedelta(days=30)) == 0
