"""Why a figure moved, how it spreads, and remarks beside it."""

import re
from datetime import date

import pytest
from django.test import Client

from kpis.models import Annotation, Kpi
from kpis.queries import Scope, figures
from kpis.views import why
from kpis.views.words.moved import sentence
from partners.models import Queue, Site
from portal.accounts.choices import Role
from portal.audit.models import AuditEntry
from tests.factories.kpis import annotation, contract, site_facts
from tests.factories.partners import SiteFactory, signed_in, user
from tests.kpis.reading import text as body

FIRST, LAST = date(2026, 10, 19), date(2026, 11, 8)
pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    """Two queues that answer differently, over two months."""
    made = SiteFactory(name="Chengdu", code="CTU")
    site_facts(made, FIRST, LAST, agents=4)
    contract([made])
    return made


@pytest.mark.parametrize("by", ["queue", "programme"])
def test_the_parts_add_up_to_the_difference_exactly(site: Site, by: str) -> None:
    kpi = Kpi.objects.get(code="service-level")
    scope = Scope(frozenset({site.pk}))
    first = figures(scope, [kpi], date(2026, 10, 1), date(2026, 10, 31), (by,))
    second = figures(scope, [kpi], date(2026, 11, 1), date(2026, 11, 30), (by,))
    moved = why.moved_of(kpi, first, second, kpi.versions.get())
    assert moved is not None
    assert sum(part.effect for part in moved.parts) == moved.difference
    names = {part.key: f"Part {part.key}" for part in moved.parts}
    assert kpi.label in sentence(kpi, moved, names)


def test_the_page_says_it_in_a_sentence_a_chart_and_a_table(site: Site) -> None:
    text = body(signed_in(Role.AUDITOR), "/performance/sites/CTU/why/service-level/?period=2026-11&by=queue")
    assert "Service level rose from" in text or "Service level fell from" in text
    assert 'class="plot"' in text
    for name in ("Queue A", "Queue B", "Sum", "Mix", "Rate"):
        assert name in text


def test_the_sentence_in_chinese(site: Site) -> None:
    reader = user(Role.AUDITOR)
    reader.language = "zh-hans"
    reader.save()
    client = Client()
    client.force_login(reader)
    text = body(client, "/performance/sites/CTU/why/service-level/?period=2026-11&by=queue")
    assert re.search(r"服务水平从 [\d.]+% (升|降)至 [\d.]+%。影响最大的是Queue [AB]：[+−][\d.]+，主要", text)
    assert re.search(r"。业务量变化 [+−][\d.]+%，这本身不影响结果。", text)


def test_without_a_figure_in_both_periods_there_is_nothing_to_compare(site: Site) -> None:
    client = signed_in(Role.AUDITOR)
    assert "Nothing to compare" in body(client, "/performance/sites/CTU/why/service-level/?period=2026-10")
    assert client.get("/performance/sites/CTU/why/no-such/").status_code == 404
    assert client.get("/performance/sites/CTU/why/service-level/?by=team").status_code == 404


def test_a_figure_spreads_over_hours_agents_and_sites(site: Site) -> None:
    client = signed_in(Role.AUDITOR)
    text = body(client, "/performance/sites/CTU/spread/service-level/?period=2026-11")
    assert "Asia/Shanghai" in text
    assert ">09</" in text
    assert ">17</" not in text
    assert "4 agents, not ranked" in body(client, "/performance/sites/CTU/spread/qa/?period=2026-11")
    assert "against chance" in body(client, "/performance/spread/service-level/?period=2026-11")
    queue = Queue.objects.all()[0]
    assert "by weekday and hour" in body(client, f"/performance/queues/{queue.pk}/spread/abandonment/?period=2026-11")


def test_managers_annotate_their_sites_and_take_it_back(site: Site) -> None:
    manager = signed_in(Role.MANAGER, site=site)
    data = {"site": "CTU", "kind": "outage", "first_day": "2026-11-03", "text": "Typhoon closure"}
    assert manager.post("/performance/notes/new/", data).status_code == 302
    note = Annotation.objects.get()
    assert (note.last_day, note.site) == (date(2026, 11, 3), site)
    assert "Typhoon closure" in body(manager, "/performance/sites/CTU/?period=2026-11")
    assert manager.post(f"/performance/notes/{note.pk}/withdraw/").status_code == 302
    assert "Typhoon closure" not in body(manager, "/performance/sites/CTU/?period=2026-11")
    assert AuditEntry.objects.filter(verb__startswith="annotation.").count() == 2


@pytest.mark.parametrize(
    "wrong",
    [{"last_day": "2026-11-01"}, {"first_day": "9999-01-01"}, {"text": "x" * 200}, {"site": "NO"}, {"kind": "z"}],
)
def test_a_remark_that_cannot_be_is_refused_at_its_field(site: Site, wrong: dict[str, str]) -> None:
    data = {"site": "CTU", "kind": "outage", "first_day": "2026-11-03", "text": "Typhoon", **wrong}
    assert signed_in(Role.MANAGER, site=site).post("/performance/notes/new/", data).status_code == 422
    assert not Annotation.objects.exists()


def test_only_coordinators_managers_and_administrators_write(site: Site) -> None:
    note = annotation(user(Role.ADMINISTRATOR), LAST, site=site)
    for role in (Role.PARTNER_LEAD, Role.PARTNER_QA):
        client = signed_in(role, site=site)
        assert client.get("/performance/notes/new/").status_code == 404
        assert client.post(f"/performance/notes/{note.pk}/withdraw/").status_code == 404
        assert "Annotate" not in body(client, "/performance/sites/CTU/")
    assert (
        signed_in(Role.COORDINATOR, site=SiteFactory()).post(f"/performance/notes/{note.pk}/withdraw/").status_code
        == 404
    )
