"""What if: the last quarter with other terms and exclusions, and nothing anywhere is changed by asking."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client

from kpis.actions import contracts as writing
from kpis.actions import effects, recompute, results
from kpis.forms.trying import TryForm
from kpis.models import Exclusion, Line
from kpis.queries import agreements, contracts
from kpis.queries.scope import sites_visible_to
from tests.kpis.contract_world import MONTH, World
from tests.kpis.test_exclusions import approve, propose

pytestmark = pytest.mark.django_db
QUARTER = [date(2026, 7, 1), date(2026, 8, 1), MONTH]


@pytest.fixture
def world() -> World:
    made = World()
    for month in QUARTER:
        made.usual(month)
    results.set_invoice(actor=made.by_manager, site=made.site, month=MONTH, amount=D(1000), currency="EUR")
    return made


def asked(world: World, query: str, status: int = 200) -> str:
    browser = Client()
    browser.force_login(world.lead)
    response = browser.get(f"/performance/contracts/{world.contract.code}/what-if/{query}")
    assert response.status_code == status
    return response.content.decode()


def typed(world: World, **cells: str) -> TryForm:
    """The form with these cells filled in."""
    card = contracts.card_of(world.schedule)
    sites = sites_visible_to(world.by_lead)
    rows = agreements.exclusions_in(world.by_lead, world.site, QUARTER[0], date(2026, 9, 30))
    return TryForm(cells, card=card, sites=sites, site=world.site, exclusions=rows)


def tried(world: World, **cells: str) -> effects.Month:
    """September with these cells filled in."""
    form = typed(world, **cells)
    assert form.is_valid(), form.errors
    (month,) = effects.compare(world.site, [MONTH], effects.Other(form.with_, form.without, form.change))
    return month


def rounded(score: D | None) -> D | None:
    return None if score is None else round(score, 9)


def everything() -> dict[str, str]:
    """A sum over each row of each table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        found = {}
        for (table,) in cursor.fetchall():
            cursor.execute(
                f"SELECT count(*) || ':' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM \"{table}\" t"
            )
            found[table] = str(cursor.fetchone()[0])
        return found


# What is typed, and what the line of the service level (460 of 600, n = 600) or the total then is.
@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"target_service-level": "75"}, 100 + (D(460) / 600 - D("0.75")) / D("0.15") * 20),
        ({"red_service-level": "50"}, (D(460) / 600 - D("0.5")) / D("0.3") * 100),
        (
            {"target_service-level": "75", "stretch_service-level": "80"},
            100 + (D(460) / 600 - D("0.75")) / D("0.05") * 20,
        ),
        ({"target_service-level": "75", "stretch_service-level": ""}, D(100)),
    ],
)
def test_other_thresholds(world: World, cells: dict[str, str], expected: D) -> None:
    then = tried(world, **cells).then.lines[0].score
    assert rounded(then) == rounded(expected)


def test_other_weights_samples_and_gates(world: World) -> None:
    month = tried(world, **{"weight_service-level": "0"})
    assert rounded(month.then.score) == rounded(month.now.lines[1].score)
    month = tried(world, **{"minimum_n_service-level": "601"})
    assert month.then.lines[0].score is None
    assert rounded(month.then.score) == rounded(month.now.lines[1].score)
    month = tried(world, **{"red_service-level": "79", "gate_cap_service-level": "12.5"})
    assert (month.then.lines[0].verdict.rag, month.then.score, month.then.gated_by) == ("r", D("12.5"), "service-level")
    world.schedule.lines.filter(kpi__code="service-level").update(red=D("0.79"), gate_cap=D(10))
    month = tried(world, **{"gate_cap_service-level": ""})
    assert month.now.score == 10
    assert month.then.gated_by is None


def test_a_proposed_range_in_and_an_approved_one_out(world: World) -> None:
    proposed = propose(world)
    with_it = tried(world, asked="1", **{"with": [str(proposed.pk)]})  # type: ignore[arg-type]
    approve(world, proposed)
    recompute()
    without = tried(world, asked="1")
    assert (with_it.now.score, with_it.then.score) == (without.then.score, without.now.score)
    assert with_it.now.score != with_it.then.score


def test_each_month_is_tried_by_its_own_version(world: World) -> None:
    made = writing.new_version(actor=world.by_manager, code=world.contract.code, first=MONTH)
    Line.objects.filter(schedule=made, kpi__code="asa").update(target=20)
    form = TryForm(
        {"target_service-level": "78"}, card=contracts.card_of(made), sites=sites_visible_to(world.by_lead), site=world.site,
        exclusions=Exclusion.objects.none(),
    )  # fmt: skip
    assert form.is_valid()
    august, september = effects.compare(world.site, QUARTER[1:], effects.Other(change=form.change))
    assert [line.target for line in august.then_card.lines] == [D("0.78"), D(30)]
    assert [line.target for line in september.then_card.lines] == [D("0.78"), D(20)]
    assert august.now.lines[1] == august.then.lines[1]


def test_what_does_not_go_with_an_older_version_is_tried_whole(world: World) -> None:
    made = writing.new_version(actor=world.by_manager, code=world.contract.code, first=MONTH)
    Line.objects.filter(schedule=world.schedule, kpi__code="service-level").update(red=D("0.1"), target=D("0.2"))
    form = TryForm(
        {"red_service-level": "20"}, card=contracts.card_of(made), sites=sites_visible_to(world.by_lead), site=world.site,
        exclusions=Exclusion.objects.none(),
    )  # fmt: skip
    assert form.is_valid()
    line = form.change(contracts.card_of(world.schedule)).lines[0]
    assert (line.red, line.target, line.stretch) == (D("0.2"), D("0.8"), D("0.9"))


def test_a_kpi_within_a_band_has_its_upper_ends(world: World) -> None:
    world.line("aht", 10, "band", "100", "200", target_high=D(300), red_high=D(400))
    form = typed(world, target_high_aht="350", weight_aht="5")
    assert form.is_valid()
    assert {"target_high", "red_high"} <= {name for name, _label in form.columns}
    line = form.change(contracts.card_of(world.schedule)).lines[2]
    assert (line.target_high, line.weight, line.red_high) == (D(350), D(5), D(400))
    assert not typed(world, target_high_aht="450").is_valid()


def test_score_and_money_stand_beside_what_was(world: World) -> None:
    text = asked(world, "?target_service-level=74&weight_asa=0")
    assert "as it would be" in text
    assert "July" in text
    assert "−8.00% · −80.00 EUR" in text
    assert "3.00% · 30.00 EUR" in text
    assert "Together" not in text.split("sum-h")[-1].split("</section>")[0]
    for month in QUARTER[:2]:
        results.set_invoice(actor=world.by_manager, site=world.site, month=month, amount=D(1000), currency="EUR")
    assert "(+330.00 EUR)" in asked(world, "?target_service-level=74&weight_asa=0")


def test_what_was_frozen_otherwise_is_told(world: World) -> None:
    results.freeze(actor=world.by_manager, site=world.site, month=MONTH)
    assert "frozen, revision 1" not in asked(world, "?weight_asa=10")
    approve(world, propose(world))
    recompute()
    assert "frozen, revision 1" in asked(world, "?weight_asa=10")


def test_nothing_at_all_is_saved(world: World) -> None:
    approve(world, propose(world))
    recompute()
    other = propose(world)
    results.freeze(actor=world.by_manager, site=world.site, month=MONTH)
    browser = Client()
    browser.force_login(world.lead)
    before = everything()
    assert before["kpis_result"].startswith("1:")
    url = f"/performance/contracts/{world.contract.code}/what-if/"
    cells = {
        "site": world.site.code, "weight_asa": "90", "target_service-level": "75", "red_asa": "70", "stretch_asa": "20",
        "minimum_n_asa": "5", "gate_cap_service-level": "50", "asked": "1", "with": str(other.pk),
    }  # fmt: skip
    text = browser.get(url, cells).content.decode()
    assert "Nothing is saved" in text
    assert "→" in text
    assert browser.get(url, {"weight_asa": "0", "weight_service-level": "0"}).status_code == 422
    assert everything() == before


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?red_service-level=80", "red has to be below"), ("?stretch_service-level=70", "stretch above it"),
        ("?red_asa=30", "red has to be above"), ("?weight_asa=0&weight_service-level=0", "All weights are 0"),
        ("?weight_asa=101", "less than or equal to 100"), ("?minimum_n_asa=-1", "greater than or equal to 0"),
        ("?gate_cap_asa=NaN", "Enter a number"), ("?stretch_asa=Infinity", "Enter a number"), ("?minimum_n_asa=1e400", "whole number"),
    ],
)  # fmt: skip
def test_terms_that_make_no_sense_have_a_message(world: World, query: str, said: str) -> None:
    text = asked(world, query, 422)
    assert said in text
    assert "NaN%" not in text


def test_a_contract_without_sites_or_terms_says_so(world: World) -> None:
    world.schedule.period = DateRange(date(2026, 10, 1), None)
    world.schedule.save()
    assert "Nothing to try yet" in asked(world, "")
    assert "Nothing to try yet" in asked(world, f"?site={world.site.code}")
