"""Two who freeze, two who decide, two who cover the same site, at once and on connections of their own."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from kpis.actions import contracts, exclusions, mark_dirty, results
from kpis.models import Contract, Exclusion, Result, SiteCover
from portal.accounts.choices import Role
from portal.accounts.queries import actor_for
from portal.refusals import ConflictError, RefusedError
from tests.databases import Database
from tests.factories.partners import SiteFactory, user
from tests.kpis.contract_world import MONTH, World
from tests.kpis.test_exclusions import propose


def at_once(*jobs: Callable[[], object]) -> list[str]:
    """Run each in a thread and a connection of its own; what came of each."""
    start, found = threading.Barrier(len(jobs)), [""] * len(jobs)

    def run(index: int) -> None:
        try:
            start.wait(30)
            jobs[index]()
            found[index] = "done"
        except (ConflictError, RefusedError) as no:
            found[index] = no.args[0]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(found)


@pytest.fixture
def world(fresh_database: Database) -> World:
    made = World()
    made.usual()
    return made


def test_many_who_freeze_make_one_result(world: World) -> None:
    jobs = [lambda: results.freeze(actor=world.by_manager, site=world.site, month=MONTH)] * 4
    assert at_once(*jobs) == ["done"] * 4
    assert Result.objects.count() == 1


def test_one_of_two_deciders_wins(world: World) -> None:
    held = propose(world)
    second = user(Role.MANAGER, partner=world.site.partner)
    found = at_once(
        lambda: exclusions.decide(actor=world.by_manager, pk=held.pk, verdict="approved"),
        lambda: exclusions.decide(actor=actor_for(second), pk=held.pk, verdict="declined", answer="No"),
    )
    assert found == ["conflict", "done"]
    assert Exclusion.objects.get().state in {"approved", "declined"}


def test_terms_do_not_change_under_a_freeze(world: World) -> None:
    line = {name: getattr(world.schedule.lines.get(kpi__code="asa"), name) for name in contracts.LINE_FIELDS}
    terms = {name: getattr(world.schedule, name) for name in contracts.TERMS}

    def change() -> None:
        contracts.set_terms(
            actor=world.by_manager, code=world.contract.code, number=1, terms=terms, lines=[line], bands=[]
        )

    found = at_once(change, lambda: results.freeze(actor=world.by_manager, site=world.site, month=MONTH))
    kept = Result.objects.get().lines.count()
    assert (found, kept) in [(["done", "done"], 1), (["done", "frozen"], 2)]
    assert world.schedule.lines.count() == kept


def test_a_site_comes_under_one_of_two_contracts(world: World) -> None:
    other = Contract.objects.create(partner=world.site.partner, code="other", name="Other", currency="EUR")
    site = SiteFactory(partner=world.site.partner)
    jobs = [
        lambda code=code: contracts.cover_site(actor=world.by_manager, code=code, site=site, first=MONTH)
        for code in (world.contract.code, other.code)
    ]
    assert at_once(*jobs) == ["covered", "done"]
    assert SiteCover.objects.filter(site=site).count() == 1


def test_sums_that_a_worker_commits_meanwhile_are_waited_for(
    world: World, fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark_dirty([(world.site.pk, MONTH.replace(day=7))])
    read = results.scores
    with fresh_database.connect() as worker:
        worker.execute("BEGIN")
        worker.execute("DELETE FROM kpis_dirtybucket")
        worker.execute("UPDATE kpis_queueday SET answered_in_t = 0 WHERE day = '2026-09-07'")

        def scores(*given: Any, **more: Any) -> Any:
            found = read(*given, **more)
            worker.execute("COMMIT")
            return found

        monkeypatch.setattr(results, "scores", scores)
        with pytest.raises(RefusedError, match="sums_pending"):
            results.freeze(actor=world.by_manager, site=world.site, month=MONTH)
    monkeypatch.undo()
    made = results.freeze(actor=world.by_manager, site=world.site, month=MONTH)
    assert made.lines.get(kpi__code="service-level").numerator == 370
