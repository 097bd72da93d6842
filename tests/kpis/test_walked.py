"""What somebody new stumbled over on the way from a file to a frozen month."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from kpis.actions import effects, exclusions, notes
from kpis.actions.alerts import look_for_signals
from kpis.choices import Unit
from kpis.forms.contracts import ProposeForm
from kpis.models import Batch, Exclusion, SavedView
from kpis.views import pages_as_pdf
from kpis.views.rows import number
from partners.models import Site
from portal.accounts.choices import Role
from portal.accounts.queries import actor_for
from tests.factories.kpis import contract, site_facts
from tests.factories.partners import PartnerFactory, ProgrammeFactory, QueueFactory, SiteFactory, signed_in, user
from tests.kpis.contract_world import World, noon
from tests.kpis.following import NOW, called_site, steady_weeks, under_contract
from tests.kpis.test_import_pages import GOOD, bring, press
from tests.kpis.test_import_pages import csv as file_of

pytestmark = pytest.mark.django_db
LAST = date(2026, 11, 8)


@pytest.fixture
def site() -> Site:
    """A site under contract with five weeks of figures."""
    made = SiteFactory(name="Chengdu", code="CTU", partner=PartnerFactory(name="Bluewave", code="BLUE"))
    site_facts(made, LAST - timedelta(days=34), LAST)
    contract([made])
    return made


def table(client: Client, url: str, **how: str) -> list[dict[str, str]]:
    response = client.post(url, how)
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text)))


def test_a_decision_shows_its_effect_before_the_sums_are_made_again() -> None:
    world = World()
    world.usual()
    held = exclusions.propose(
        actor=world.by_lead, site=world.site, queue=None, since=noon(10), until=noon(10) + timedelta(hours=1),
        reason="outage", note="Down",
    )  # fmt: skip
    (before,) = effects.effect(held)
    exclusions.decide(actor=world.by_manager, pk=held.pk, verdict="approved")
    (after,) = effects.effect(Exclusion.objects.get())
    assert before.now != before.then
    assert (after.now, after.then) == (before.now, before.then)


def test_a_file_with_bad_rows_says_what_the_good_ones_would_replace() -> None:
    programme = ProgrammeFactory.create(site=SiteFactory.create(code="CTU"), code="CARE")
    QueueFactory.create(programme=programme, code="VOICE")
    manager = signed_in(Role.MANAGER, site=programme.site)
    bring(manager, file_of(GOOD))
    press(manager)
    corrected = GOOD.replace(",40,", ",39,", 1)
    bring(manager, file_of(corrected, GOOD.replace("09:00", "10:00").replace("CTU", "XXX")))
    batch = Batch.objects.latest("pk")
    assert (batch.added, batch.replaced, batch.faults) == (0, 1, 1)


def test_signals_are_taken_away_as_a_table_and_stand_in_the_navigation() -> None:
    queue = called_site()
    under_contract(queue.programme.site)
    steady_weeks(queue, 690)
    look_for_signals(NOW)
    reader = signed_in(Role.COORDINATOR, site=queue.programme.site)
    page = reader.get(reverse("kpis:alerts")).content.decode()
    assert f'href="{reverse("kpis:alerts")}" aria-current="page"' in page
    assert f'href="{reverse("kpis:views")}" aria-current="page"' in reader.get(reverse("kpis:views")).content.decode()
    found = table(reader, reverse("kpis:alerts_export"))
    assert {(row["KPI"], row["Signal"], row["Value"], row["From"]) for row in found} == {
        ("Service level", "Off target", "0.69", "2026-11-09"),
        ("Service level", "Outside the control limits", "0.69", "2026-11-09"),
    }
    assert table(signed_in(Role.COORDINATOR, site=SiteFactory()), reverse("kpis:alerts_export")) == []


def test_remarks_are_taken_away_as_a_table(site: Site) -> None:
    manager = actor_for(user(Role.MANAGER, site=site))
    notes.annotate(actor=manager, site=site, kpi=None, first_day=LAST, last_day=LAST, kind="outage", text="Typhoon")
    reader = signed_in(Role.AUDITOR)
    assert 'name="notes" value="csv"' in reader.get("/performance/sites/CTU/?period=2026-11").content.decode()
    (row,) = table(reader, "/performance/sites/CTU/export/?period=2026-11", notes="csv")
    assert (row["Kind"], row["Text"], row["From"], row["To"]) == ("Outage", "Typhoon", "2026-11-08", "2026-11-08")


def test_the_network_offers_a_remark_to_those_who_may_write_one(site: Site) -> None:
    offered = f'href="{reverse("kpis:note_new")}?'
    assert offered in signed_in(Role.MANAGER, site=site).get("/performance/?period=2026-11").content.decode()
    assert offered not in signed_in(Role.AUDITOR).get("/performance/?period=2026-11").content.decode()


def test_a_score_in_a_matrix_is_a_number(site: Site) -> None:
    assert all(float(row["Score"]) for row in table(signed_in(Role.AUDITOR), "/performance/export/?period=2026-11"))


def test_a_half_is_rounded_up_as_on_every_page() -> None:
    assert [number(Decimal(text)) for text in ("88.45", "88.44", "-0.25")] == ["88.5", "88.4", "−0.3"]


def test_queues_of_several_sites_are_told_apart() -> None:
    manager = user(Role.MANAGER, partner=PartnerFactory())
    places = [SiteFactory(name=name, partner=manager.memberships.get().partner) for name in ("Porto", "Lisbon")]
    for place in places:
        QueueFactory(programme=ProgrammeFactory(site=place), name="Voice")
    labels = [str(label) for _value, label in ProposeForm(actor=actor_for(manager)).fields["queue"].choices]  # type: ignore[attr-defined]
    assert sorted(labels[1:]) == ["Lisbon · Voice", "Porto · Voice"]


def test_enter_in_the_form_of_a_formula_saves_it() -> None:
    page = signed_in(Role.ADMINISTRATOR).get(reverse("kpis:definition_new")).content.decode()
    assert page.index('name="do" value="save"') < page.index('name="do" value="try"')


def test_the_unit_of_a_number_is_no_reference_number() -> None:
    with translation.override("zh-hans"):
        assert str(Unit.NUMBER.label) != translation.gettext("Number")


def test_a_row_of_parts_has_its_weeks_beside_it(site: Site) -> None:
    page = signed_in(Role.AUDITOR).get("/performance/sites/CTU/?period=2026-11").content.decode()
    queues = page[page.index('id="p-queue"') :].split("</section>")[0]
    assert "Service level, 13 weeks" in queues
    assert queues.count('class="spark"') == queues.count('class="rowlink"') > 0
    chosen = signed_in(Role.AUDITOR).get("/performance/sites/CTU/?period=2026-11&kpi=nps").content.decode()
    assert "NPS, 13 weeks" in chosen[chosen.index('id="p-queue"') :]


def test_teams_have_their_weeks_when_the_page_is_there(site: Site) -> None:
    auditor, address = signed_in(Role.AUDITOR), "/performance/sites/CTU/?period=2026-11"
    page = auditor.get(address).content.decode()
    teams = page[page.index('aria-labelledby="p-team"') :].split("</section>")[0]
    assert f'hx-get="{address}&amp;lines=team" hx-trigger="load"' in teams
    assert 'class="spark"' not in teams
    assert (names := teams.count('class="rowlink"')) > 0
    piece = auditor.get(f"{address}&lines=team", headers={"HX-Request": "true"}).content.decode()
    assert piece.startswith("<section")
    assert ", 13 weeks" in piece
    assert "hx-get" not in piece
    assert "lines=" not in piece
    assert piece.count('class="spark"') == piece.count('class="rowlink"') == names
    assert piece.count('class="num nowrap figure"') == teams.count('class="num nowrap figure"')
    whole = auditor.get(f"{address}&lines=all").content.decode()
    assert "lines=team" not in whole
    assert ", 13 weeks" in whole[whole.index('id="p-team"') :]
    other = SiteFactory()
    lead = signed_in(Role.PARTNER_LEAD, site=other)
    assert lead.get(f"{address}&lines=team", headers={"HX-Request": "true"}).status_code == 404


def test_a_mailed_page_has_its_charts_and_the_weeks_of_teams(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = list[str]()
    monkeypatch.setattr(pages_as_pdf, "to_pdf", lambda markup: drawn.append(markup) or b"")
    reader = user(Role.AUDITOR)
    view = SavedView.objects.create(user=reader, name="Mine", path="/performance/sites/CTU/", query="period=2026-11")
    pages_as_pdf.pdf_of(view, reader, actor_for(reader))
    teams = drawn[0][drawn[0].index('aria-labelledby="p-team"') :].split("</section>")[0]
    assert teams.count('class="spark"') == teams.count('class="rowlink"') > 0
    assert "hx-get" not in teams
    control = drawn[0][drawn[0].index('aria-labelledby="control"') :].split("</section>")[0]
    assert "<svg" in control
