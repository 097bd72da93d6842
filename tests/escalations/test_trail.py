"""The audit trail has words for everything that the wing writes into it."""

import re
from pathlib import Path

import pytest

from escalations import actions
from escalations.choices import Verb
from portal.accounts.models import User
from portal.audit import registry
from portal.audit.queries import audit_of
from tests.factories.escalations import CaseFactory, ServiceFactory, associate, coordinator
from tests.factories.partners import SiteFactory

ACTIONS = Path(__file__).resolve().parents[2] / "escalations"


def test_every_verb_has_words() -> None:
    text = "".join(path.read_text() for folder in ("actions", "importing") for path in (ACTIONS / folder).rglob("*.py"))
    written = set(re.findall(r'trail\([^()]*?"((?:case|service|issue_type)\.[a-z_]+)"', text))
    written |= {f"case.{code.replace('.', '_')}" for code in re.findall(r'_tell\([^()]*?"(grant\.[a-z_]+)"', text)}
    written |= {f"case.{verb.value}" for verb in Verb}
    assert len(written) > 30
    assert written - set(registry.verbs()) == set()


def test_no_two_verbs_read_the_same() -> None:
    said = [str(words) for words in registry.verbs().values()]
    assert sorted({words for words in said if said.count(words) > 1}) == []


def test_a_case_is_named_without_a_link() -> None:
    named = registry.subjects()["case"].names([20418])[20418]
    assert (named.text, named.url) == ("EC-20418", "")


@pytest.mark.django_db
def test_owners_services_and_severities_go_by_their_names() -> None:
    site, here, there = SiteFactory(), ServiceFactory(name="Payments"), ServiceFactory(name="Safety")
    someone, member = coordinator(site), associate(here)
    case = CaseFactory(service=here, site=site, owner=member.user_id)
    actions.assign(actor=someone, ref=case.pk, owner_id=None)
    actions.set_severity(actor=someone, ref=case.pk, override=1, reason="Press")
    actions.change_service(actor=someone, ref=case.pk, service_id=there.pk)
    actions.set_state(actor=someone, ref=case.pk, verb="triage")
    said = {str(line.verb): [f"{c.label}: {c.new}" for c in line.changes] for line in audit_of("case", case.pk)}

    name = User.objects.get(pk=member.user_id).name
    assert said["Assigned a case"] == [f"From: {name}", "To: nobody"]
    assert said["Changed the severity"][-2:] == ["From: S3", "To: S1"]
    assert said["Handed a case over to a service"] == ["From: Payments", "To: Safety"]
    assert said["Triaged a case"] == ["From: New", "To: Triaged"]
