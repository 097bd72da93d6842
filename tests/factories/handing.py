"""Hand-overs and questions to colleagues, as rows."""

from datetime import timedelta
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from escalations.models import Case, Consult, EntryBody, Handover, TimelineEntry
from tests.factories.escalations import CaseFactory, person


def _entry(case: Case, kind: str, code: str, text: str) -> TimelineEntry:
    entry = TimelineEntry.objects.create(case=case, at=timezone.now(), kind=kind, code=code)
    EntryBody.objects.create(entry=entry, text=text)
    return entry


class ConsultFactory(DjangoModelFactory[Consult]):
    class Meta:
        model = Consult

    case = factory.SubFactory(CaseFactory)
    opens = "standard"
    due_at = factory.LazyFunction(lambda: timezone.now() + timedelta(hours=4))

    @classmethod
    def _create(cls, model_class: type[Consult], *args: Any, **kwargs: Any) -> Consult:
        case = kwargs["case"]
        kwargs.setdefault("question", _entry(case, "consult", "consult.asked", "Which form is it?"))
        kwargs.setdefault("asked_by", person("associate", service=case.service))
        made: Consult = super()._create(model_class, *args, **kwargs)
        return made


class HandoverFactory(DjangoModelFactory[Handover]):
    class Meta:
        model = Handover

    case = factory.SubFactory(CaseFactory)

    @classmethod
    def _create(cls, model_class: type[Handover], *args: Any, **kwargs: Any) -> Handover:
        case = kwargs["case"]
        kwargs.setdefault("entry", _entry(case, "handover", "handover.offered", "Rebooked\x1e\x1eA call at ten\x1e"))
        kwargs.setdefault("given_by", person("associate", service=case.service))
        made: Handover = super()._create(model_class, *args, **kwargs)
        return made
