"""Real processes that settle two months of a site at once: what one month earns back is what the other has just cost."""

import subprocess
import sys
from datetime import date
from decimal import Decimal as D

import pytest

from kpis.actions import results, statements
from kpis.models import Statement
from tests.databases import ROOT, Database
from tests.kpis.contract_world import MONTH, World, noon

pytestmark = pytest.mark.processes
OCTOBER = date(2026, 10, 1)
AS_MANAGER = """
import sys, django; django.setup()
from datetime import date
from decimal import Decimal
from django.db import transaction
from kpis.actions import results, statements
from partners.models import Site
from portal.accounts.models import User
from portal.accounts.queries import actor_for
given = {"actor": actor_for(User.objects.get(pk=int(sys.argv[1]))), "site": Site.objects.get(pk=int(sys.argv[2]))}
"""
SIGN = """
with transaction.atomic():
    statements.sign(**given, month=date(2026, 9, 1), seen=sys.argv[3])
    print("signed", flush=True)
    sys.stdin.readline()
"""
INVOICE = """
results.set_invoice(**given, month=date(2026, 10, 1), amount=Decimal(10000), currency="EUR")
"""
WAITING = "SELECT 1 FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"


def started(database: Database, world: World, act: str, *words: str) -> "subprocess.Popen[str]":
    """A process of the manager's."""
    return subprocess.Popen(
        [sys.executable, "-c", AS_MANAGER + act, str(world.manager.pk), str(world.site.pk), *words], cwd=ROOT,
        env=database.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def waits_or_is_done(database: Database, process: "subprocess.Popen[str]") -> None:
    """Until the process waits for a lock, or is over."""
    with database.connect() as watcher:
        while process.poll() is None and not watcher.execute(WAITING, [database.name]).fetchone():
            pass


def test_a_month_invoiced_while_the_one_before_is_signed_earns_its_malus_back(fresh_database: Database) -> None:
    world = World()
    world.usual()
    results.freeze(actor=world.by_manager, site=world.site, month=MONTH)
    results.set_invoice(actor=world.by_manager, site=world.site, month=MONTH, amount=D(10000), currency="EUR")
    seen = statements.stamp(Statement.objects.get())
    statements.sign(actor=world.by_lead, site=world.site, month=MONTH, seen=seen)
    world.contacts(noon(5, 10), 100, 95, 1000)
    world.count(OCTOBER)
    results.freeze(actor=world.by_manager, site=world.site, month=OCTOBER)

    with started(fresh_database, world, SIGN, seen) as signer:
        assert signer.stdout is not None
        assert signer.stdout.readline() == "signed\n"
        with started(fresh_database, world, INVOICE) as other:
            waits_or_is_done(fresh_database, other)
            signer.communicate("\n")
    assert (signer.returncode, other.returncode) == (0, 0)
    september, october = Statement.objects.order_by("result__month")
    assert (september.state, september.amount) == ("signed", D("-800.00"))
    assert october.earned_back == -september.amount
