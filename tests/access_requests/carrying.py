"""What tests of channels share: somebody with a job, systems of a channel, the outbox run as workers run it."""

from typing import Any

from django.utils import timezone

from access_requests.actions import Line, dispatch, raise_request
from access_requests.choices import Channel, Operation, Proof
from access_requests.models import Entitlement, Grant, RequestItem, System
from partners.models import Person, Site
from portal.accounts.rules import SYSTEM
from portal.notifications.choices import State
from portal.notifications.delivery.dispatch import dispatch_batch
from portal.notifications.models import OutboxRow
from portal.sealing import seal
from portal.webhooks.models import Silence
from tests.access_requests.fake_scim import FakeScim
from tests.factories.access import EntitlementFactory, SystemFactory, bundle_of
from tests.factories.partners import JobRoleFactory, PlacementFactory, SiteFactory

TOKEN = "secret-of-the-directory"


def scim_system(server: FakeScim, **fields: Any) -> System:
    """A system whose directory this server is."""
    given = {
        "channel": Channel.SCIM,
        "scim_url": server.url,
        "scim_token": seal(server.token),
        "proof": Proof.READ_BACK,
    }
    return SystemFactory.create(**given | fields)


def entitlement(system: System, value: str = "") -> Entitlement:
    """Something in a system that every agent gets without approval."""
    made = EntitlementFactory.create(system=system, external_value=value)
    number = Entitlement.objects.count()
    role = JobRoleFactory.create(code=f"ROLE{number}", name=f"Role {number}")
    bundle_of(made, birthright=True, job_role=role)
    return made


def agent(site: Site | None = None) -> Person:
    """Somebody at a site."""
    return PlacementFactory.create(site=site or SiteFactory.create()).person


def asked(person: Person, one: Entitlement, operation: str = Operation.GRANT) -> RequestItem:
    """An approved item, not handed over yet."""
    from access_requests.models import BundleItem

    version = BundleItem.objects.filter(entitlement=one).values_list("version_id", flat=True).first()
    line = Line(person.pk, one.pk, operation, bundle_version_id=version if operation == Operation.GRANT else None)
    site = person.placements.first().site_id
    made = raise_request(actor=SYSTEM, kind="ad_hoc", site_id=site, lines=[line])
    return made.items.get()


def run(times: int = 1) -> None:
    """Let workers hand over and carry out all that waits, whenever it would be due."""
    for _ in range(times):
        dispatch()
        Silence.objects.update(until=timezone.now())
        OutboxRow.objects.filter(state=State.PENDING).update(
            next_attempt_at=timezone.now(), leased_until=None, lease_token=None
        )
        while dispatch_batch():
            pass


def held(person: Person) -> set[str]:
    """What we say somebody holds."""
    rows = Grant.objects.filter(person=person, ended_at=None)
    return set(rows.values_list("entitlement__external_value", flat=True))


def state(item: RequestItem) -> str:
    """Where an item stands now."""
    item.refresh_from_db()
    return str(item.state)
