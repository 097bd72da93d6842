"""What people held before the portal knew of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from portal.accounts.rules import Actor
from portal.audit.actions import record_many

from .. import queries
from ..models import BundleVersion
from ._base import lock_people
from .catalogue.base import configuring

_GRANTS: Final = """
INSERT INTO access_requests_grant (person_id, entitlement_id, started_at, confirmed_at, verified_at)
SELECT person, entitlement, since, since, since
FROM unnest(%(people)s::bigint[], %(entitlements)s::bigint[], %(since)s::timestamptz[]) AS t(person, entitlement, since)
ORDER BY person, entitlement
ON CONFLICT (person_id, entitlement_id) WHERE ended_at IS NULL DO NOTHING
"""
_REASONS: Final = """
INSERT INTO access_requests_grantreason (grant_id, kind, bundle_id, starts_at)
SELECT g.id, 'bundle', t.bundle, g.started_at
FROM unnest(%(people)s::bigint[], %(entitlements)s::bigint[], %(bundles)s::bigint[]) AS t(person, entitlement, bundle)
JOIN access_requests_grant g ON g.person_id = t.person AND g.entitlement_id = t.entitlement AND g.ended_at IS NULL
ORDER BY g.id
ON CONFLICT DO NOTHING
"""


@transaction.atomic
def adopt(*, actor: Actor, since: Mapping[int, datetime], at: datetime) -> int:
    """Count what people's jobs bring as held and proven since the instant given for each; nothing is asked for or sent.

    For the day on which the portal takes over. What is on its way already is left out. How many grants that makes.
    Audited, one entry a person. Raises PermissionDenied.
    """
    acting = configuring(actor)
    lock_people(since)
    bundle_of = dict(BundleVersion.objects.values_list("pk", "bundle_id"))
    plans = queries.plans(since.keys(), at)
    rows = [
        (person, entitlement, bundle_of[version])
        for person, plan in sorted(plans.items())
        for entitlement, versions in sorted(plan.lacks.items())
        for version in versions
    ]
    people, entitlements, bundles = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [])
    with connection.cursor() as cursor:
        held = {"people": people, "entitlements": entitlements, "since": [since[person] for person in people]}
        cursor.execute(_GRANTS, held)
        made: int = cursor.rowcount
        cursor.execute(_REASONS, {"people": people, "entitlements": entitlements, "bundles": bundles})
    changes = {person: {"items": len(plan.lacks)} for person, plan in plans.items() if plan.lacks}
    record_many(actor=acting, verb="person.access_adopted", subject_type="person", changes_by_id=changes)
    return made
