"""Two playbooks of the demo, and how far its cases are along them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from django.utils.text import slugify

from escalations.actions.playbook_config import KEY_LENGTH, add_playbook, keep_step, publish_draft
from portal.accounts.rules import SYSTEM

IssuePath = tuple[str, str, str]


class StepFacts(NamedTuple):
    """A step in both languages; `said`: what comes with it in the demo, None where its branch is not taken."""

    title: str
    title_zh: str
    guidance: str = ""
    guidance_zh: str = ""
    said: Mapping[str, str] | None = {}
    more: Mapping[str, Any] = {}


class PlaybookFacts(NamedTuple):
    """A playbook of an issue type."""

    name: str
    name_zh: str
    service: str
    path: IssuePath
    steps: tuple[StepFacts, ...]


def _answers(*texts: tuple[str, str, str]) -> dict[str, Any]:
    return {"answers": [{"key": key, "text": text, "text_zh": text_zh} for key, text, text_zh in texts]}


PLAYBOOKS: Final = (
    PlaybookFacts("Stranded guest", "客人无处可住", "social", ("Stay", "Arrival", "Locked out"), (
        StepFacts(
            "Confirm guest is safe and indoors", "确认客人安全且在室内",
            "Ask first, before anything about the booking. Children and anybody unwell count.",
            "先问这个，再谈订单。儿童和身体不适者也算在内。",
            {"answer": "indoors"}, _answers(("indoors", "Safe and indoors", "安全且在室内"), ("outside", "Outside or at risk", "在室外或有危险")),
        ),
        StepFacts(
            "Send them to the nearest open hotel lobby", "让客人先到最近的酒店大堂", "Name it, with its address, and stay in touch until they are there.",
            "告知名称和地址，保持联系直到他们到达。", None, {"evidence": "text", "only_if_step": "@0", "only_if_answer": "outside"},
        ),
        StepFacts("Record known facts", "记录已知事实", "Who travels, since when they wait, what they have paid.", "同行人、等候时间、已付费用。"),
        StepFacts(
            "Try host and emergency contact", "联系房东和紧急联系人", "Three calls in half an hour, then the emergency contact.",
            "半小时内拨打三次，然后联系紧急联系人。",
            {"text": "Host called three times, no answer. The emergency contact says the lock lost power."}, {"evidence": "text"},
        ),
        StepFacts("Check stranded-guest allowance (¥2,000)", "核对无处可住补助（¥2,000）"),
        StepFacts("Offer rebooking or extend hotel", "提供改订或延长酒店入住"),
        StepFacts("Post public holding line", "发布公开的说明", "Only where the matter is public.", "仅当事情已公开时。", {}, {"required": False}),
        StepFacts("Supply follow-up on lock", "请供应团队跟进门锁", "", "", {}, {"required": False}),
    )),
    PlaybookFacts("Late refund", "退款延迟", "payments", ("Money", "Refund", "Late"), (
        StepFacts(
            "Find the refund in the ledger", "在账目中查找退款", "", "", {"answer": "sent"},
            _answers(("sent", "It was sent", "已发出"), ("not-sent", "It was not sent", "未发出")),
        ),
        StepFacts(
            "Ask the bank for a trace", "请银行追踪款项", "With the reference of the transfer.", "附上转账编号。",
            {"text": "Trace asked for; the bank answers within two working days."},
            {"evidence": "text", "only_if_step": "@0", "only_if_answer": "sent"},
        ),
        StepFacts("Have it sent again", "安排重新发出", "", "", None, {"only_if_step": "@0", "only_if_answer": "not-sent"}),
        StepFacts("Tell the customer the date", "告知客户到账日期", "A day, not “soon”.", "给出具体日期，而不是“尽快”。"),
        StepFacts("Offer a credit for the wait", "为等待提供补偿额度", "", "", {}, {"required": False}),
    )),
)  # fmt: skip


def build_playbooks(services: Mapping[str, int], issues: Mapping[tuple[str, ...], int]) -> None:
    """Both, published."""
    for facts in PLAYBOOKS:
        made = add_playbook(
            actor=SYSTEM,
            name=facts.name,
            name_zh=facts.name_zh,
            service_id=services[facts.service],
            issue_type_id=issues[facts.path],
            severity=None,
        )
        draft, first = 1, ""
        for step in facts.steps:
            columns = {name: first if value == "@0" else value for name, value in step.more.items()}
            words = {name: getattr(step, name) for name in ("title", "title_zh", "guidance", "guidance_zh")}
            kept = keep_step(actor=SYSTEM, playbook_id=made.pk, seen=draft, key=None, values=words | columns)
            first, draft = first or kept.key, draft + 1
        publish_draft(actor=SYSTEM, playbook_id=made.pk, seen=draft)


def plan_of(path: IssuePath) -> Sequence[tuple[str, Mapping[str, str]]]:
    """What is done about a case of an issue type, by the keys of the steps, in order; nothing where no playbook is for it."""
    facts = next((one for one in PLAYBOOKS if one.path == path), None)
    steps = facts.steps if facts else ()
    return [(slugify(step.title)[:KEY_LENGTH].strip("-"), step.said) for step in steps if step.said is not None]
