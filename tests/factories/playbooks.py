"""Playbooks, published or as drafts, made behind the actions' back."""

from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from escalations.models import Playbook, PlaybookStep, PlaybookVersion

ANSWERS = [{"key": "yes", "text": "Yes", "text_zh": "是"}, {"key": "no", "text": "No", "text_zh": "否"}]


class PlaybookFactory(DjangoModelFactory[Playbook]):
    class Meta:
        model = Playbook

    name = factory.Sequence(lambda n: f"Playbook {n}")
    name_zh = factory.Sequence(lambda n: f"手册 {n}")


def step(key: str, **values: Any) -> dict[str, Any]:
    """A step's columns."""
    return {"key": key, "title": f"Step {key}", "title_zh": f"步骤 {key}", **values}


def draft(playbook: Playbook, *steps: dict[str, Any]) -> PlaybookVersion:
    """The next version, not published."""
    number = playbook.versions.count() + 1
    made = PlaybookVersion.objects.create(playbook=playbook, number=number)
    for position, columns in enumerate(steps, 1):
        PlaybookStep.objects.create(version=made, position=position, **columns)
    return made


def publish(version: PlaybookVersion) -> PlaybookVersion:
    """Put a draft in use."""
    version.published_at = timezone.now()
    version.save()
    return version


def published(*steps: dict[str, Any], **match: Any) -> PlaybookVersion:
    """A playbook in use, for any case unless `match` says otherwise."""
    return publish(draft(PlaybookFactory(**match), *steps))
