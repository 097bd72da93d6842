"""Jurisdictions and the terms of their law."""

from datetime import date
from typing import Any, ClassVar

import factory
from django.db.backends.postgresql.psycopg_any import DateRange
from factory.django import DjangoModelFactory

from escalations.choices.statutory import Duty
from escalations.models import Jurisdiction, StatutoryTerm
from tests.factories.sla import CalendarFactory

ACK, INTERIM, FINAL = (str(duty) for duty in Duty)


class JurisdictionFactory(DjangoModelFactory[Jurisdiction]):
    """Monday to Friday in London, unless `time_zone` says otherwise."""

    class Meta:
        model = Jurisdiction

    class Params:
        time_zone = "Europe/London"

    code = factory.Sequence(lambda n: f"law-{n}")
    name = factory.Sequence(lambda n: f"Land {n}")
    calendar = factory.SubFactory(CalendarFactory, time_zone=factory.SelfAttribute("..time_zone"))


class TermFactory(DjangoModelFactory[StatutoryTerm]):
    """15 calendar days for the final response, in force for ever, unless said otherwise."""

    class Meta:
        model = StatutoryTerm

    jurisdiction = factory.SubFactory(JurisdictionFactory)
    duty = FINAL
    amount = 15
    unit = "calendar"
    basis = "Complaints Act, s. 4"
    valid: ClassVar[tuple[str, str | None]] = ("2020-01-01", None)

    @classmethod
    def _create(cls, model_class: type[StatutoryTerm], *args: Any, **kwargs: Any) -> StatutoryTerm:
        first, last = kwargs.pop("valid")
        period = DateRange(date.fromisoformat(first), date.fromisoformat(last) if last else None, "[)")
        return super()._create(model_class, *args, valid=period, **kwargs)


def jurisdiction_with(*, ack: int = 0, interim: int = 0, final: int = 0, zone: str = "Europe/London") -> Jurisdiction:
    """A jurisdiction that gives so many calendar days for each answer; none where it is 0."""
    made = JurisdictionFactory(time_zone=zone)
    for duty, amount in ((ACK, ack), (INTERIM, interim), (FINAL, final)):
        if amount:
            TermFactory(jurisdiction=made, duty=duty, amount=amount)
    return made
