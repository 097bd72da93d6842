"""What clocks do when two cases become one, and what an import makes of them afterwards."""

from datetime import timedelta

import pytest
from django.utils import timezone

from escalations import queries
from escalations.actions import log_contact, merge, set_severity, set_state
from escalations.importing.writing import known_cases
from escalations.models import Case, CaseOrigin, Service
from partners.models import Site
from portal.accounts.rules import SYSTEM
from sla.queries import clocks_of
from tests.factories.escalations import CaseFactory, associate, open_policy

WHY = "One matter"


def test_the_survivor_owes_the_earlier_and_can_be_reopened_with_a_full_target(service: Service, site: Site) -> None:
    open_policy()
    start = timezone.now() - timedelta(hours=5)
    source = CaseFactory(service=service, site=site, at=start)
    target = CaseFactory(service=service, site=site, at=start + timedelta(hours=1))
    member = associate(service)
    # The target has been answered already: the source's question goes on as another round of it.
    log_contact(
        actor=member, ref=target.ref, channel="phone", direction="out", outcome="reached", text="x",
        at=start + timedelta(hours=1, minutes=10),
    )  # fmt: skip
    set_state(actor=member, ref=source.ref, verb="wait_customer", at=start + timedelta(minutes=30))
    merge(actor=member, source=source.ref, target=target.ref, reason=WHY, at=start + timedelta(minutes=75))
    target.refresh_from_db()
    found = {(v.metric, v.cycle): (v.state, v.due_at) for v in clocks_of(queries.KIND, [target.pk])[target.pk]}
    # 45 minutes of waiting in the source are kept; in the target, which does not wait, its clocks run.
    assert found["first_response", 2] == ("running", start + timedelta(minutes=60 + 45))
    assert found["resolution", 1] == ("running", start + timedelta(minutes=480 + 45))
    assert {v.state for v in clocks_of(queries.KIND, [source.pk])[source.pk]} == {"cancelled"}
    assert (target.cycle, target.next_due_at) == (2, start + timedelta(minutes=60 + 45))
    set_state(actor=member, ref=target.ref, verb="resolve", at=start + timedelta(hours=2))
    set_state(actor=member, ref=target.ref, verb="reopen", at=start + timedelta(hours=3))
    found = {(v.metric, v.cycle): (v.state, v.due_at) for v in clocks_of(queries.KIND, [target.pk])[target.pk]}
    assert found["first_response", 3] == ("running", start + timedelta(hours=4))
    assert found["resolution", 3] == ("running", start + timedelta(hours=11))


def test_a_graver_source_does_not_make_an_old_survivor_late_at_once(service: Service, site: Site) -> None:
    open_policy(name="Grave", match={"severity": ["1"]}, targets={"first_response": 15, "resolution": 60})
    open_policy(name="General")
    start = timezone.now() - timedelta(hours=6)
    target = CaseFactory(service=service, site=site, at=start)
    source = CaseFactory(service=service, site=site, at=start + timedelta(hours=5))
    set_severity(actor=SYSTEM, ref=source.ref, signals=["safety"], at=start + timedelta(hours=5))
    merge(actor=SYSTEM, source=source.ref, target=target.ref, reason=WHY, at=start + timedelta(hours=5, minutes=10))
    target.refresh_from_db()
    found = {view.metric: view.due_at for view in clocks_of(queries.KIND, [target.pk])[target.pk]}
    # The older promise of the first response was due earlier; of the resolution, the graver one is.
    assert found == {"first_response": start + timedelta(hours=1), "resolution": start + timedelta(hours=6)}
    assert target.severity == 1


def test_an_import_leaves_merged_cases_as_they_are(service: Service, site: Site) -> None:
    cases = [CaseFactory(service=service, site=site) for _ in range(3)]
    for number, case in enumerate(cases):
        CaseOrigin.objects.create(case=case, source="old", external_ref=f"X{number}", content_hash="x")
    merge(actor=SYSTEM, source=cases[0].ref, target=cases[1].ref, reason=WHY)
    known = known_cases("old", ["X0", "X1", "X2"])
    assert {key: one.touched for key, one in known.items()} == {"X0": True, "X1": True, "X2": False}
    assert Case.objects.get(pk=cases[0].pk).state == "merged"


@pytest.mark.parametrize(
    ("waits", "asked", "state", "clock"),
    [
        ("wait_customer", True, "in_progress", "running"),
        ("wait_third_party", True, "waiting_third_party", "paused"),
        ("wait_customer", False, "waiting_customer", "paused"),
    ],
)
def test_a_survivor_that_waits(service: Service, site: Site, waits: str, asked: bool, state: str, clock: str) -> None:
    open_policy(pause_states=("waiting_customer", "waiting_third_party"))
    start = timezone.now() - timedelta(hours=3)
    source, target = (
        CaseFactory(service=service, site=site, at=start),
        CaseFactory(service=service, site=site, at=start),
    )
    member = associate(service)
    set_state(actor=member, ref=target.ref, verb=waits, at=start + timedelta(minutes=5))
    if not asked:
        set_state(actor=member, ref=source.ref, verb="wait_customer", at=start + timedelta(minutes=10))
    merge(actor=member, source=source.ref, target=target.ref, reason=WHY, at=start + timedelta(minutes=20))
    target.refresh_from_db()
    states = {view.metric: view.state for view in clocks_of(queries.KIND, [target.pk])[target.pk]}
    assert (target.state, states) == (state, dict.fromkeys(("first_response", "resolution"), clock))
    assert (target.next_due_at is None) == (clock == "paused")
