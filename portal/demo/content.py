"""What the demo is made of. Every company, person and matter here is invented."""

from typing import Final, NamedTuple


class SiteFacts(NamedTuple):
    """One invented site."""

    code: str
    name: str
    name_zh: str
    zone: str
    calendar: str


class PartnerFacts(NamedTuple):
    """One invented partner company and its sites."""

    code: str
    name: str
    name_zh: str
    sites: tuple[SiteFacts, ...]


class IssueFacts(NamedTuple):
    """An issue type with its three levels, and what a customer might say."""

    service: str
    path: tuple[str, str, str]
    path_zh: tuple[str, str, str]
    impact: str
    subjects: tuple[str, ...]


PARTNERS: Final = (
    PartnerFacts("BLUEWAVE", "Bluewave Contact", "蓝浪客服", (
        SiteFacts("CTU", "Chengdu", "成都", "Asia/Shanghai", "cn"),
        SiteFacts("DLC", "Dalian", "大连", "Asia/Shanghai", "cn"),
    )),
    PartnerFacts("HARBOUR", "Harbour Connect", "港联", (
        SiteFacts("MNL", "Manila", "马尼拉", "Asia/Manila", "week"),
        SiteFacts("CEB", "Cebu", "宿务", "Asia/Manila", "week"),
    )),
    PartnerFacts("LUMEN", "Lumen Care", "明光客服", (
        SiteFacts("KUL", "Kuala Lumpur", "吉隆坡", "Asia/Kuala_Lumpur", "week"),
        SiteFacts("PEN", "Penang", "槟城", "Asia/Kuala_Lumpur", "week"),
    )),
    PartnerFacts("ATLANTICO", "Atlântico Suporte", "大西洋客服", (
        SiteFacts("LIS", "Lisbon", "里斯本", "Europe/Lisbon", "eu"),
        SiteFacts("OPO", "Porto", "波尔图", "Europe/Lisbon", "eu"),
    )),
    PartnerFacts("CUMBRE", "Cumbre Servicios", "顶峰客服", (
        SiteFacts("BOG", "Bogotá", "波哥大", "America/Bogota", "week"),
        SiteFacts("MEX", "Mexico City", "墨西哥城", "America/Mexico_City", "week"),
    )),
    PartnerFacts("NORTHLINE", "Northline Assist", "北线客服", (
        SiteFacts("KRK", "Kraków", "克拉科夫", "Europe/Warsaw", "eu"),
        SiteFacts("SOF", "Sofia", "索非亚", "Europe/Sofia", "eu"),
    )),
)  # fmt: skip

SERVICES: Final = (
    ("executive", "Executive escalations", "高管升级"),
    ("social", "Social media", "社交媒体"),
    ("payments", "Payments", "支付"),
    ("regulatory", "Regulatory response", "监管回应"),
)

ISSUES: Final = (
    IssueFacts("social", ("Stay", "Arrival", "Locked out"), ("住宿", "入住", "无法进门"), "people", (
        "Guest locked out overnight with infant; host unreachable",
        "Door code changed during the stay, family waiting outside",
        "Key box empty on arrival, guest posting live",
    )),
    IssueFacts("social", ("Stay", "Condition", "Not as described"), ("住宿", "房况", "与描述不符"), "reach", (
        "Mould in the bedroom, video with 40,000 views",
        "Listing photos show a different flat",
        "客人发帖称房间与图片严重不符",
    )),
    IssueFacts("social", ("Stay", "Condition", "Cleanliness"), ("住宿", "房况", "卫生"), "minor", (
        "Bed linen not changed; guest asks for a public answer",
        "Bins overflowing on check-in",
        "厨房未打扫，客人在评论区要求回复",
    )),
    IssueFacts("executive", ("Trust", "Safety", "Threat by host"), ("信任", "安全", "房东威胁"), "people", (
        "Guest reports threat by host, has left the property",
        "Letter to the chief executive about an unsafe stay",
    )),
    IssueFacts("executive", ("Trust", "Discrimination", "Refused stay"), ("信任", "歧视", "被拒入住"), "legal", (
        "Guest with guide dog turned away, writes to the board",
        "Wheelchair user refused at the door",
    )),
    IssueFacts("executive", ("Service", "Complaint", "Third contact"), ("服务", "投诉", "第三次联系"), "minor", (
        "Third complaint about the same refund, addressed to the founder",
        "Customer of twelve years asks who is in charge",
        "多次联系未果，致信首席执行官",
    )),
    IssueFacts("payments", ("Money", "Refund", "Late"), ("款项", "退款", "延迟"), "money", (
        "Refund of ¥18,400 promised in September has not arrived",
        "Cancelled flight, refund stuck between card and wallet",
        "退款承诺 7 天，现已 23 天",
    )),
    IssueFacts("payments", ("Money", "Charge", "Charged twice"), ("款项", "扣款", "重复扣款"), "money", (
        "Charged twice for one booking, rent is due tomorrow",
        "Duplicate deposit of €640 on a corporate card",
    )),
    IssueFacts("payments", ("Money", "Fraud", "Account taken over"), ("款项", "欺诈", "账户被盗"), "people", (
        "Account taken over, three bookings made by a stranger",
        "Guest paid outside the portal after a forged message",
    )),
    IssueFacts("payments", ("Money", "Payout", "Host not paid"), ("款项", "付款", "房东未收款"), "money", (
        "Host payout failed for the third week",
        "Payout to a closed bank account",
    )),
    IssueFacts("regulatory", ("Law", "Authority", "Consumer office"), ("法律", "机关", "消费者部门"), "legal", (
        "Consumer office asks for an answer within 14 days",
        "Ombudsman's letter about cancellation terms",
        "消费者协会来函：取消条款",
    )),
    IssueFacts("regulatory", ("Law", "Privacy", "Access request"), ("法律", "隐私", "查阅请求"), "legal", (
        "Access request, identity to be confirmed",
        "Erasure request from a former host",
    )),
)  # fmt: skip

NOTES: Final = (
    "Called the host twice, no answer. Trying the emergency contact next.",
    "Payments confirms the second charge; reversal takes two working days.",
    "Asked the site to send the call recording.",
    "Similar to last week's cases from the same building; flagged for supply.",
    "客人更希望用中文短信联系，下午两点之后方便接电话。",
    "Allowance for a replacement room agreed up to 2,000.",
    "Legal has read the draft and has no objection.",
)
REPLIES: Final = (
    "You will hear from me again before 16:00 today, whatever the host says.",
    "The second charge is being reversed. It reaches your card within two working days.",
    "I have your booking open and you will not have to explain it again.",
    "我已经看到您的订单，今天 16:00 之前会再联系您。",
    "Thank you for the photos. They are enough, nothing more is needed from you.",
)
OPENERS: Final = (
    "I have explained this three times already. Who is looking after it?",
    "We are standing in the street with two suitcases. Nobody picks up.",
    "I attach the photos and the messages. Tell me what happens next.",
    "Your colleague promised a call before noon. It is four o'clock.",
    "我附上了照片和聊天记录，请告诉我下一步怎么办。",
    "The site has done what it can; this needs the company.",
    "Please answer in writing, I am travelling and cannot take calls.",
)
INBOUND: Final = (
    "Thank you. Can we stay where we are tonight? Moving again with her is hard.",
    "It has been two days. Is anyone still working on this?",
    "这是我第三次说明情况，请不要再让我重复。",
    "The money has arrived, thank you.",
)
TWICE: Final = (
    "Same customer, same booking; came in by chat as well.",
    "The guest wrote to a second address about the same charge.",
    "同一位客人就同一订单再次来信。",
)

GIVEN: Final = (
    "Mei", "Wei", "Jun", "Ana", "Tomás", "Inês", "Rafael", "Olga", "Marek", "Zofia", "Kwame", "Amara", "Luz", "Diego",
    "Aisyah", "Farid", "Priya", "Arjun", "Elena", "Ivan", "Joy", "Paolo", "Grace", "Noel", "Hana", "Yusuf", "Carla", "Bruno",
)  # fmt: skip
FAMILY: Final = (
    "Lin", "Chen", "Zhao", "Silva", "Ferreira", "Costa", "Marchenko", "Nowak", "Kowalska", "Mensah", "Okafor", "Rojas",
    "Herrera", "Rahman", "Tan", "Nair", "Menon", "Petrova", "Dimitrov", "Santos", "Reyes", "Cruz", "Lim", "Aziz", "Sousa",
    "Wójcik", "Gómez", "Ortiz",
)  # fmt: skip
