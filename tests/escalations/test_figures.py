"""Cases hand in what they count for, by the day of their site: as a count by hand says, once, and late events in their day."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import timezone

from escalations.actions import (
    answer_by_law,
    create_case,
    figures,
    log_contact,
    merge,
    regulate,
    set_sensitivity,
    set_state,
)
from escalations.models import Case
from escalations.queries.counts import counts
from escalations.queries.queue import KIND
from kpis.models import Batch, Figure, HandIn, Revision
from kpis.queries import Scope, kpis_in_use
from kpis.queries import figures as readings
from partners.models import Site
from portal.accounts.models import User
from portal.accounts.rules import SYSTEM
from sla.actions import tick
from sla.models import Clock
from sla.queries import decided_between
from tests.factories.escalations import CaseFactory, ServiceFactory, associate, open_policy, person
from tests.factories.partners import SiteFactory, placed
from tests.factories.statutory import ACK, FINAL, jurisdiction_with

pytestmark = pytest.mark.django_db


def ago(days: int, hour: int = 12) -> datetime:
    """An hour in UTC, so many days back."""
    return (timezone.now() - timedelta(days=days)).replace(hour=hour, minute=0, second=0, microsecond=0)


def day(days: int) -> date:
    return ago(days).date()


@pytest.fixture
def site() -> Site:
    open_policy()
    return SiteFactory.create(time_zone="UTC")


def handed(site: Site, who: Any = None) -> dict[tuple[str, date], Decimal]:
    """What stands for the site, or for somebody of it; what is zero is left out."""
    rows = Figure.objects.filter(site=site, person=who).exclude(value=0)
    return {(code, at): value for code, at, value in rows.values_list("component__code", "day", "value")}


def work(case: Case, verb: str, at: datetime, **more: Any) -> None:
    set_state(actor=SYSTEM, ref=case.pk, verb=verb, at=at, **more)


def test_a_day_is_what_a_count_by_hand_says(site: Site) -> None:
    kept = CaseFactory.create(site=site, at=ago(3, 10))
    late = CaseFactory.create(site=site, at=ago(3, 11))
    log_contact(actor=SYSTEM, ref=kept.pk, channel="phone", direction="out", outcome="reached", text="Called", at=ago(3, 10) + timedelta(minutes=30))  # fmt: skip
    work(kept, "resolve", ago(3, 14))
    work(late, "resolve", ago(2, 9))
    assert figures.hand_in_changes() == 5
    assert handed(site) == {
        ("escalated", day(3)): 2,
        # The first response and the resolution of the one; of the other the first response was missed at 12, the resolution at 19.
        ("sla_due", day(3)): 4,
        ("sla_met", day(3)): 2,
        ("solved", day(3)): 1,
        ("solved", day(2)): 1,
    }
    assert set(Figure.objects.filter(site=site, day=day(0)).values_list("value", flat=True)) == {0}, (
        "today: none, and known"
    )
    before = list(Figure.objects.order_by("pk").values_list("pk", "value"))
    assert (figures.hand_in_changes(), figures.hand_in_again(4)) == (0, 0)
    assert list(Figure.objects.order_by("pk").values_list("pk", "value")) == before
    kpis = [one for one in kpis_in_use() if one.code in ("case-sla", "reopen-rate")]
    read = readings(Scope(frozenset([site.pk])), kpis, day(3), day(0))[()]
    assert (read["case-sla"].value, read["case-sla"].n) == (Decimal("0.5"), 4)
    assert (read["reopen-rate"].value, read["reopen-rate"].n) == (0, 2)


def test_a_deadline_by_law_is_no_promise_of_the_site(site: Site) -> None:
    case = CaseFactory.create(site=site, at=ago(9))
    work(case, "resolve", ago(8))
    figures.hand_in_changes()
    before = handed(site)
    law = jurisdiction_with(ack=2, final=56)
    regulate(actor=SYSTEM, ref=case.pk, jurisdiction_id=law.pk, received_at=ago(9))
    tick()
    broken = Clock.objects.get(metric=ACK).breached_at
    assert broken is not None
    answer_by_law(
        actor=SYSTEM, ref=case.pk, duties=[FINAL], sent_at=timezone.now(), sent_by="Legal", channel="letter", text="Sent",
        upload=SimpleUploadedFile("letter.txt", b"Sent\n"),
    )  # fmt: skip
    ours = decided_between(KIND, [case.pk], ago(10), timezone.now())
    assert ours == (1, 4), "two promises that were broken, one answer in time and one that was not"
    figures.hand_in_again()
    assert handed(site) == before
    assert before["sla_due", day(9)] == 2
    assert counts([site.pk], broken, broken + timedelta(seconds=1)).breached == 0


def test_a_reopened_case_counts_where_it_was_solved(site: Site) -> None:
    case = CaseFactory.create(site=site, at=ago(6))
    work(case, "resolve", ago(5))
    figures.hand_in_changes()
    assert ("reopened", day(5)) not in handed(site)
    work(case, "reopen", ago(1))
    assert figures.hand_in_changes() > 0
    assert (handed(site)["reopened", day(5)], handed(site)["solved", day(5)]) == (1, 1)
    work(case, "resolve", ago(0, 0))
    figures.hand_in_changes()
    assert {at: n for (code, at), n in handed(site).items() if code == "solved"} == {day(5): 1, day(0): 1}
    assert {at for code, at in handed(site) if code == "reopened"} == {day(5)}, "solved again, and so far it stays so"


IMPORTED = """
source: other-desk
kind: cases
time_zone: UTC
dates: ["%Y-%m-%d %H:%M"]
key: id
partner: {code: DESK, name: Another desk}
fields:
  opened_at: {column: opened, kind: instant, required: true}
  resolved_at: {column: resolved, kind: instant}
  state: {column: state, table: {Done: resolved, Closed: closed}}
  service: {column: team, create: true}
  site: {column: site}
  subject: {column: title}
"""


@pytest.mark.parametrize("state", ["Done", "Closed"])
def test_a_case_that_came_in_solved_stays_so_on_its_day_when_it_is_reopened(
    site: Site, tmp_path: Path, state: str
) -> None:
    (tmp_path / "m.yml").write_text(IMPORTED)
    rows = f"id,opened,resolved,state,team,site,title\nA1,{ago(7):%Y-%m-%d %H:%M},{ago(5):%Y-%m-%d %H:%M},{state},Desk,{site.code},Key\n"
    (tmp_path / "cases.csv").write_text(rows)
    call_command("import_cases", str(tmp_path / "cases.csv"), "--mapping", str(tmp_path / "m.yml"), stdout=StringIO())
    figures.hand_in_changes()
    assert handed(site)["solved", day(5)] == 1
    case = Case.objects.get()
    work(case, "reopen", ago(1))
    figures.hand_in_changes()
    assert (handed(site)["solved", day(5)], handed(site)["reopened", day(5)]) == (1, 1)
    work(case, "resolve", ago(0, 0))
    figures.hand_in_changes()
    assert {at: n for (code, at), n in handed(site).items() if code == "solved"} == {day(5): 1, day(0): 1}
    assert {at: n for (code, at), n in handed(site).items() if code == "reopened"} == {day(5): 1}


def test_the_day_is_that_of_the_site() -> None:
    open_policy()
    service = ServiceFactory.create()
    at = ago(4, 23)
    sites = {zone: SiteFactory.create(time_zone=zone) for zone in ("Asia/Shanghai", "America/Bogota", "UTC")}
    for one in sites.values():
        CaseFactory.create(site=one, service=service, at=at)
    figures.hand_in_changes()
    found = {zone: next(at for code, at in handed(one) if code == "escalated") for zone, one in sites.items()}
    assert found == {"Asia/Shanghai": day(3), "America/Bogota": day(4), "UTC": day(4)}


def test_merged_and_rejected_cases_are_no_escalations(site: Site) -> None:
    service = ServiceFactory.create()
    stays, goes, refused = (CaseFactory.create(site=site, service=service, at=ago(2)) for _n in range(3))
    work(goes, "resolve", ago(2, 13))
    figures.hand_in_changes()
    assert (handed(site)["escalated", day(2)], handed(site)["solved", day(2)]) == (3, 1)
    merge(actor=SYSTEM, source=goes.pk, target=stays.pk, reason="The same booking")
    work(refused, "reject", ago(1), reject_reason="spam")
    figures.hand_in_changes()
    assert handed(site)["escalated", day(2)] == 1
    assert ("solved", day(2)) not in handed(site), "the survivor goes on"
    assert handed(site)["sla_met", day(2)] == 2, "promises that were kept before were kept"


def test_what_is_sensitive_is_absent(site: Site) -> None:
    case = CaseFactory.create(site=site, at=ago(1))
    figures.hand_in_changes()
    assert handed(site)["escalated", day(1)] == 1
    set_sensitivity(actor=SYSTEM, ref=case.pk, sensitivity="confidential")
    figures.hand_in_changes()
    assert handed(site) == {}


def test_a_broken_promise_counts_when_it_was_due(site: Site) -> None:
    case = CaseFactory.create(site=site, at=ago(1, 23))
    tick()
    figures.hand_in_changes()
    assert ("sla_due", day(1)) not in handed(site), "an hour to the first response: due after midnight"
    assert handed(site)["sla_due", day(0)] >= 1
    assert not [code for code, _at in handed(site) if code == "sla_met"]
    work(case, "resolve", timezone.now())
    figures.hand_in_changes()
    assert handed(site)["sla_due", day(0)] == 2


def test_agents_have_their_own(site: Site) -> None:
    agent = placed(site)
    raiser: User = person("partner_agent", site=site)
    raiser.person = agent
    raiser.save()
    case = CaseFactory.create(site=site, at=ago(1))
    Case.objects.filter(pk=case.pk).update(raised_by=raiser)
    CaseFactory.create(site=site, at=ago(1))
    figures.hand_in_changes()
    assert (handed(site)["escalated", day(1)], handed(site, agent)["escalated", day(1)]) == (2, 1)


def test_what_another_day_brought_leaves_a_trace(site: Site) -> None:
    CaseFactory.create(site=site, at=ago(1))
    figures.hand_in_changes()
    CaseFactory.create(site=site, at=ago(1))
    figures.hand_in_changes()
    assert Revision.objects.count() == 0, "a figure that grows is no correction"
    assert Batch.objects.filter(name__contains="escalated").count() == 1
    Batch.objects.update(digest="yesterday")
    CaseFactory.create(site=site, at=ago(1))
    figures.hand_in_changes()
    assert Revision.objects.filter(before__value="2.0000").count() == 1


def test_the_first_time_is_everything_and_the_next_what_changed(site: Site, django_assert_max_num_queries: Any) -> None:
    for back in range(1, 4):
        CaseFactory.create(site=site, at=ago(back))
    figures.hand_in_changes()
    seen = HandIn.objects.get(source="cases").seen_until
    assert seen is not None
    assert seen <= timezone.now()
    service = ServiceFactory.create()
    for _n in range(20):
        create_case(actor=associate(service), service_id=service.pk, site_id=site.pk, subject="Matter", at=ago(1, 1))
    with django_assert_max_num_queries(60):
        figures.hand_in_changes()
    assert handed(site)["escalated", day(1)] == 21


def test_not_what_is_being_written() -> None:
    """The next time begins before whatever is not committed now."""
    figures.hand_in_changes()
    first = HandIn.objects.get(source="cases").seen_until
    assert first is not None
    assert first < datetime.now(UTC)
