"""What tests of several workers and people at once share."""

from access_requests.actions import Line, raise_request
from access_requests.choices import ItemState, Operation, Proof
from access_requests.models import Entitlement, Grant, RequestItem
from partners.models import Person, Site
from portal.accounts.rules import SYSTEM
from tests.factories.access import BundleVersion, EntitlementFactory, SystemFactory, bundle_of
from tests.factories.partners import JobRoleFactory, PlacementFactory


def birthright(**system: object) -> Entitlement:
    """Something that a role of its own brings, without approval."""
    made: Entitlement = EntitlementFactory.create(system=SystemFactory.create(**({"proof": Proof.LEAD} | system)))
    bundle_of(made, birthright=True, job_role=JobRoleFactory.create(code=f"R{made.pk}", name=f"Role {made.pk}"))
    return made


def agent(site: Site) -> Person:
    """Somebody at the site."""
    person: Person = PlacementFactory.create(site=site).person
    return person


def line(person: Person, one: Entitlement) -> Line:
    """A grant by policy."""
    version = BundleVersion.objects.get(items__entitlement=one)
    return Line(person.pk, one.pk, bundle_version_id=version.pk)


def asked(site: Site, person: Person, *ones: Entitlement) -> list[RequestItem]:
    """Approved grants of these."""
    lines = [line(person, one) for one in ones]
    return list(raise_request(actor=SYSTEM, kind="ad_hoc", site_id=site.pk, lines=lines).items.order_by("pk"))


def sound() -> None:
    """What holds whatever happened: nothing lost between an item and its grant, nothing held without a reason or a removal."""
    live = Grant.objects.filter(ended_at=None)
    for grant in live:
        going = RequestItem.objects.filter(
            person=grant.person_id, entitlement=grant.entitlement_id, operation=Operation.REVOKE, ended_at=None
        )
        assert grant.reasons.filter(ended_at=None).exists() or going.exists(), f"{grant} is left"
    pairs = set(live.values_list("person_id", "entitlement_id"))
    given = RequestItem.objects.filter(operation=Operation.GRANT, state__in=[ItemState.SENT, ItemState.CLAIMED_DONE])
    assert set(given.values_list("person_id", "entitlement_id")) <= pairs
