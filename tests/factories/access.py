"""Rows of access: the catalogue, requests, grants."""

from datetime import timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from access_requests.choices import ItemState, Operation, ReasonKind, RequestKind, StageKind
from access_requests.models import (
    AccessRequest,
    ApprovalRule,
    ApprovalStage,
    Bundle,
    BundleItem,
    BundleVersion,
    Entitlement,
    Grant,
    GrantReason,
    Group,
    GroupMember,
    RequestItem,
    SodRule,
    System,
)
from tests.factories.accounts import UserFactory
from tests.factories.partners import JobRoleFactory, PersonFactory, SiteFactory


class GroupFactory(DjangoModelFactory[Group]):
    class Meta:
        model = Group

    code = factory.Sequence(lambda n: f"group-{n}")
    name = factory.Sequence(lambda n: f"Group {n}")


class GroupMemberFactory(DjangoModelFactory[GroupMember]):
    class Meta:
        model = GroupMember

    group = factory.SubFactory(GroupFactory)
    user = factory.SubFactory(UserFactory)


class ApprovalRuleFactory(DjangoModelFactory[ApprovalRule]):
    class Meta:
        model = ApprovalRule

    code = factory.Sequence(lambda n: f"rule-{n}")
    name = factory.Sequence(lambda n: f"Rule {n}")


class ApprovalStageFactory(DjangoModelFactory[ApprovalStage]):
    class Meta:
        model = ApprovalStage

    rule = factory.SubFactory(ApprovalRuleFactory)
    number = 1
    kind = StageKind.SITE_MANAGER


class SystemFactory(DjangoModelFactory[System]):
    class Meta:
        model = System

    code = factory.Sequence(lambda n: f"system-{n}")
    name = factory.Sequence(lambda n: f"System {n}")
    group = factory.SubFactory(GroupFactory)


class EntitlementFactory(DjangoModelFactory[Entitlement]):
    class Meta:
        model = Entitlement

    code = factory.Sequence(lambda n: f"entitlement-{n}")
    name = factory.Sequence(lambda n: f"Entitlement {n}")
    system = factory.SubFactory(SystemFactory)


class BundleFactory(DjangoModelFactory[Bundle]):
    class Meta:
        model = Bundle

    code = factory.Sequence(lambda n: f"bundle-{n}")
    name = factory.Sequence(lambda n: f"Bundle {n}")
    job_role = factory.SubFactory(JobRoleFactory)


def bundle_of(*entitlements: Entitlement, **fields: object) -> Bundle:
    """A bundle whose current version holds these entitlements."""
    bundle = BundleFactory.create(**fields)
    version = BundleVersion.objects.create(bundle=bundle, number=1)
    BundleItem.objects.bulk_create(BundleItem(version=version, entitlement=one) for one in entitlements)
    bundle.current = version
    bundle.save(update_fields=["current"])
    return bundle


class SodRuleFactory(DjangoModelFactory[SodRule]):
    class Meta:
        model = SodRule

    code = factory.Sequence(lambda n: f"sod-{n}")
    name = factory.Sequence(lambda n: f"Conflict {n}")
    left = factory.SubFactory(EntitlementFactory)
    right = factory.SubFactory(EntitlementFactory)


class AccessRequestFactory(DjangoModelFactory[AccessRequest]):
    class Meta:
        model = AccessRequest

    kind = RequestKind.AD_HOC
    site = factory.SubFactory(SiteFactory)
    requested_by = factory.SubFactory(UserFactory)


class RequestItemFactory(DjangoModelFactory[RequestItem]):
    class Meta:
        model = RequestItem

    request = factory.SubFactory(AccessRequestFactory)
    person = factory.SubFactory(PersonFactory)
    entitlement = factory.SubFactory(EntitlementFactory)
    operation = Operation.GRANT
    state = ItemState.DRAFT


class GrantFactory(DjangoModelFactory[Grant]):
    class Meta:
        model = Grant

    person = factory.SubFactory(PersonFactory)
    entitlement = factory.SubFactory(EntitlementFactory)
    started_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=30))
    confirmed_at = factory.LazyAttribute(lambda grant: grant.started_at)
    verified_at = factory.LazyAttribute(lambda grant: grant.started_at)


class GrantReasonFactory(DjangoModelFactory[GrantReason]):
    class Meta:
        model = GrantReason

    grant = factory.SubFactory(GrantFactory)
    kind = ReasonKind.REQUEST
    item = factory.SubFactory(
        RequestItemFactory,
        person=factory.SelfAttribute("..grant.person"),
        entitlement=factory.SelfAttribute("..grant.entitlement"),
        state=ItemState.VERIFIED,
        verified_at=factory.LazyFunction(timezone.now),
        verified_how="lead",
    )
    starts_at = factory.LazyAttribute(lambda reason: reason.grant.started_at)
