"""What the demo's cases know of their customers, and the templates that their replies begin with."""

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Final

from escalations.actions import Acts, Saying, add_macro, add_template, keep_card, record_fact
from portal.accounts.rules import SYSTEM, Actor

_TEMPLATES: Final = (
    ("", Saying(
        "Holding line",
        "Dear {{ preferred_name }},\n\nI have {{ reference }} open and you will not have to explain it again. You hear from me next today.\n\n{{ sender }}, {{ service }}",
        "暂复",
        "{{ preferred_name }}，您好：\n\n我正在处理 {{ reference }}，您不必再说明一次。今天之内我会再联系您。\n\n{{ service }} {{ sender }}",
    )),
    ("social", Saying(
        "Where are you now?",
        "Dear {{ preferred_name }},\n\nare you safe and indoors right now, and who is with you? I am looking for a room near you meanwhile.\n\n{{ sender }}",
        "您现在在哪里？",
        "{{ preferred_name }}，您好：\n\n您现在是否安全、是否在室内，和谁在一起？我同时在附近为您找房间。\n\n{{ sender }}",
        ("whereabouts", "company", "safety"),
    )),
    ("payments", Saying(
        "Which payment is it?",
        "Dear {{ preferred_name }},\n\nwhich booking is it, and how did you pay? A photo of the receipt is enough.\n\n{{ sender }}",
        "是哪一笔付款？",
        "{{ preferred_name }}，您好：\n\n请问是哪个订单，用什么方式付款？收据照片即可。\n\n{{ sender }}",
        ("booking", "payment"),
    )),
)  # fmt: skip
_FACTS: Final = (
    ("identity", "Booking and identity verified by phone", "checked"),
    ("booking", "HX-7719402, 18–25 November", "system"),
    ("company", "Travels with a nine-month-old; both are indoors at a hotel lobby", "customer"),
    ("tried", "Host called 4 times between 23:10 and 08:15, no answer", "checked"),
    ("payment", "客人支付了替代房间 ¥1,180，收据已附", "customer"),
    ("wish", "Wants to stay where they are tonight", "customer"),
    ("", "Has told the story twice already", "partner"),
)
_CARDS: Final[tuple[Mapping[str, str], ...]] = (
    {"preferred_name": "Yun", "pronouns": "she/her", "language": "中文, some English", "hours": "After 14:00"},
    {"preferred_name": "A.", "pronouns": "they/them", "channel": "E-mail only. No calls after 18:00, no voicemail"},
    {"preferred_name": "王女士", "language": "中文", "channel": "短信", "hours": "下午两点之后"},
    {"preferred_name": "Mr Okafor", "language": "English", "avoid": "Asking to repeat what happened"},
)

type Learned = Callable[[Actor, int, datetime], object]


def build_templates(services: Mapping[str, int]) -> None:
    """Templates of all services and of two of them, and a macro with which most cases of one begin."""
    made = [
        add_template(actor=SYSTEM, service_id=services[code] if code else None, saying=saying)
        for code, saying in _TEMPLATES
    ]
    acts = Acts(
        name="Take and hold",
        name_zh="接手并暂复",
        take=True,
        note="Taken over; next contact today.",
        note_zh="已接手，今天之内再联系客户。",
        reply_id=made[0].pk,
    )
    add_macro(actor=SYSTEM, service_id=services["social"], acts=acts)


def learned_of(seed: str) -> Iterator[Learned]:
    """What is learned of one case, step by step; nothing of some. The same for the same seed."""
    rng = random.Random(seed)
    if rng.random() < 0.35:
        return
    yield partial(_card, rng.choice(_CARDS))
    for key, text, source in rng.sample(_FACTS, rng.choice((1, 2, 3, 4))):
        yield partial(_fact, key, text, source)


def _card(values: Mapping[str, str], actor: Actor, ref: int, at: datetime) -> object:
    return keep_card(actor=actor, ref=ref, values=values, source="customer", at=at)


def _fact(key: str, text: str, source: str, actor: Actor, ref: int, at: datetime) -> object:
    return record_fact(actor=actor, ref=ref, key=key, text=text, source=source, at=at)
