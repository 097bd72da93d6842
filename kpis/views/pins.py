"""The formulas that contracts name, which figures then in force obey."""

from collections.abc import Iterable

from ..access.subjects import Subject
from ..models import KpiVersion
from ..queries import THEN
from ..queries.contracts import Card, cards, judged_on
from .asked import Asked


def common_pins(judged: Iterable[Card]) -> dict[int, KpiVersion]:
    """The formulas that all of these contracts name alike."""
    pins = [card.pins for card in judged]
    return dict(pins[0]) if pins and all(one == pins[0] for one in pins) else {}


def pins_of(subject: Subject, asked: Asked) -> dict[int, KpiVersion]:
    """The formulas by which a subject's contracts count; none where another formula was asked for."""
    ids = [subject.site.pk] if subject.site else subject.site_ids
    return common_pins(cards(ids, judged_on(asked.period)).values()) if ids and asked.formula == THEN else {}
