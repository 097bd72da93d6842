"""Whatever access writes into the trail has words, and names its objects."""

import re
from pathlib import Path

import pytest

from access_requests import transitions
from access_requests.actions import Line, catalogue, raise_request
from portal.accounts.choices import Role
from portal.accounts.rules import SYSTEM
from portal.audit import registry
from portal.audit.queries import audit_of
from tests.factories.access import EntitlementFactory, GroupFactory, SystemFactory, bundle_of
from tests.factories.partners import PlacementFactory, actor

WING = Path(__file__).resolve().parents[2] / "access_requests"
SUBJECTS = (
    "access_item", "access_request", "access_incident", "exception_request", "sod_exception", "system", "entitlement",
    "access_group", "approval_rule", "bundle", "sod_rule",
)  # fmt: skip


def test_every_verb_has_words() -> None:
    text = "".join(path.read_text() for path in WING.rglob("*.py"))
    written = set(re.findall(r'verb="((?:access_|exception_|sod_)[a-z_]+\.[a-z_]+)"', text))
    written |= {f"access_item.{verb}" for verbs in transitions.TRANSITIONS.values() for verb in verbs}
    written |= {f"exception_request.{verb}" for verb in ("asked", "approved", "rejected")}
    written |= {f"access_trouble.{verb}" for verb in ("reported", "take", "solve", "cancel")}
    written |= {f"{one}.{verb}" for one in SUBJECTS[5:] for verb in ("added", "changed", "archived", "restored")}
    assert len(written) > 40
    assert written - set(registry.verbs()) == set()
    assert set(SUBJECTS) <= set(registry.subjects())


def test_no_two_verbs_read_the_same() -> None:
    said = [str(words) for words in registry.verbs().values()]
    assert sorted({words for words in said if said.count(words) > 1}) == []


@pytest.mark.django_db
def test_what_changed_goes_by_its_names() -> None:
    group = GroupFactory.create(name="Service desk")
    row = SystemFactory.create(code="vpn", group=None)
    values = catalogue.SystemValues(name="Tunnel", group_id=group.pk, channel="email", ticket_address="a@b.example")
    catalogue.change_system(actor=SYSTEM, code="vpn", version=1, values=values)
    said = {str(one.label): (str(one.old), str(one.new)) for one in audit_of("system", row.pk)[0].changes}
    assert said["IT group"] == ("–", "Service desk")
    assert said["Channel"] == ("IT works by hand", "E-mail to a ticket address")
    one = EntitlementFactory.create()
    bundle = bundle_of(one, code="b")
    catalogue.save_version(actor=SYSTEM, code="b", version=1, entitlement_ids=[])
    entry = audit_of("bundle", bundle.pk)[0]
    assert str(entry.verb) == "Made a new version of a bundle"
    assert {str(line.label): str(line.new) for line in entry.changes} == {"Version": "2", "Added": "0", "Removed": "1"}
    placement = PlacementFactory.create()
    lead = actor(Role.PARTNER_LEAD, site=placement.site)
    lines = [Line(placement.person_id, one.pk)]
    item = raise_request(actor=lead, kind="ad_hoc", site_id=placement.site_id, lines=lines).items.get()
    asked = audit_of("access_item", item.pk)[0]
    assert (str(asked.verb), [f"{c.label}: {c.new}" for c in asked.changes]) == (
        "Asked for approval of access", ["State: Awaiting approval"],
    )  # fmt: skip
