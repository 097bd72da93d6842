"""What people say in the reviews of the demo. Every person and matter here is invented."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

# What is said of an exception, by KPI: the company, in the language of the site.
SAID: Final[Mapping[str, Mapping[str, Sequence[str]]]] = {
    "en": {
        "service-level": (
            "Nine agents sit at the holiday desk until the end of the month; two are back from Monday.",
            "The evening peak is under-staffed. The plan for next week moves two breaks out of it.",
        ),
        "abandonment": ("Follows the service level: callers give up after the second announcement.",),
        "nps": ("Detractors name the wait before the first word. No other theme stands out in 40 answers read.",),
        "productivity": ("The new reply macros save about forty seconds a contact; we keep watching quality.",),
        "qa": ("Points are lost at closing the contact. Calibration on Thursday goes through three of them.",),
        "adherence": ("Two agents on the phased return; the plan did not know of it.",),
        "": ("Read, and talked about in the ops call.",),
    },
    "zh": {
        "service-level": ("晚高峰人手不足，下周班表已把两段休息移出高峰。",),
        "abandonment": ("随服务水平走低：第二次提示音后客人挂断。",),
        "nps": ("负面评价集中在首次应答前的等待。",),
        "productivity": ("新的回复模板每次联系约省 40 秒，质量继续观察。",),
        "qa": ("连续数周下滑，失分集中在结束语与小结。本周校准会逐条过三个录音。",),
        "adherence": ("两名员工复工后分段上岗，班表没有录入。",),
        "": ("已阅，例会上讨论过。",),
    },
}
# What the partner adds to the whole draft.
ANSWERED: Final = {
    "en": "Agreed. Backfill for the holiday desk is approved on our side; names by Wednesday.",
    "zh": "同意。我方已安排补位，名单周三前给到。",
}


class Point(NamedTuple):
    """A free topic of an ops call with what two people wrote of it, and what was decided."""

    title: str
    first: str
    second: str
    decided: str


CALLS: Final = (
    Point(
        "Holiday desk: when do the nine come back",
        "Two from Monday, the rest by the end of the month.",
        "Wants the list by name before the roster closes on Wednesday.",
        "Two agents return on Monday; the list of the other seven comes by Wednesday.",
    ),
    Point(
        "Outage of the case desk",
        "Down for three hours on Tuesday; calls could not be answered.",
        "Range handed in as not to count, with the vendor's report.",
        "The pack is revised once the range is agreed.",
    ),
    Point(
        "Reply macros",
        "Forty seconds less per contact in the pilot.",
        "客人满意度没有变化，先扩大到房东组。",
        "Roll the macros out to both programmes.",
    ),
    Point(
        "Evening peak",
        "Two breaks fall into the busiest hour.",
        "Planner moves them; the change shows from next week.",
        "Breaks move out of 19:00 to 21:00.",
    ),
)
NEXT_TOPICS: Final = ("Golden Week staffing", "值班经理轮换名单")


class Asked(NamedTuple):
    """A question of the checklist, and what two visits in a row answered (None: not asked then)."""

    code: str
    text: str
    text_zh: str
    kind: str
    most: int
    answers: tuple[tuple[int | str | None, str], tuple[int | str | None, str]]


# Sections of the checklist: code, names, questions. The last question of "people" came with the second version.
CHECKLIST: Final = (
    ("floor", "On the floor", "现场", (
        Asked("desks", "Are desks clear of notes with customers' details?", "桌面是否没有写有客人信息的纸条？", "yes_no", 1,
              ((0, "Two sticky notes with booking numbers, row C"), (1, ""))),
        Asked("headsets", "Does everybody have a headset of their own?", "每人是否有自己的耳机？", "yes_no", 1,
              ((0, "Shared between shifts in row B"), (0, "Eleven still shared; order is late"))),
        Asked("boards", "Is today's plan up where the team sees it?", "当天计划是否张贴在团队看得到的地方？", "score", 4, ((2, ""), (4, ""))),
    )),
    ("people", "Leads and teams", "组长与团队", (
        Asked("coaching", "Coaching: how many of five agents had a session this month?", "五名客服中本月有几名接受过辅导？", "score", 5,
              ((3, ""), (4, ""))),
        Asked("said", "What did agents say in the round?", "一线员工怎么说？", "text", 1,
              (("Breaks fall into the evening peak.", ""), ("新模板好用，但房东组还没有。", ""))),
        Asked("wellbeing", "Is there a quiet room, and is it used?", "是否有安静室，是否有人用？", "score", 4, ((None, ""), (3, ""))),
    )),
    ("security", "Data and access", "数据与权限", (
        Asked("badges", "Are doors opened by each person's own badge?", "是否人人刷自己的卡进门？", "yes_no", 1, ((1, ""), (1, ""))),
        Asked("screens", "Are screens locked when somebody leaves?", "离开时屏幕是否锁定？", "score", 4, ((2, ""), (3, ""))),
    )),
)  # fmt: skip

# Theme, what was seen, quote: heard in calls, then at the round table.
HEARD: Final = (
    (
        "process",
        "Three of five callers had been promised a refund date that passed.",
        "You said seven days. It is three weeks.",
    ),
    (
        "tools",
        "The agent opens four tabs to see where a payout stands.",
        "Bear with me, it is loading the other system.",
    ),
    ("soft-skills", "组长先说明已知情况，客人不用重复。", "您不用再讲一遍，我这里都看得到。"),
)
SPOKEN: Final = (
    ("wellbeing", "Agents ask for one weekend in three to be free, known a month ahead.", "I would stay for that alone."),
    ("knowledge", "房东组的知识文章三个月没有更新。", "我们靠群里问。"),
)  # fmt: skip

# Where a practice comes from, its theme, what it is, and what other sites made of it (None: not yet).
PRACTICES: Final = (
    ("DLC", "knowledge", "班前五分钟：昨天的三个真实问题", "组长每天班前用五分钟过三个昨天没答好的问题，当天复盘。两个月内重复联系下降。", {
        "CTU": ("adopt", "从下周一起两个组同时开始。", "四周后知识测验平均分从 81 升到 88。"),
        "MNL": ("adapt", "Three questions on paper at the desk, since shifts begin at different hours.", ""),
        "KUL": None,
        "PEN": ("not_for_us", "Shifts are staggered by the quarter hour; nobody begins together.", ""),
    }),
    ("MNL", "wellbeing", "A buddy for every first evening shift",
     "Whoever works an evening for the first time sits beside somebody who has done fifty. Nobody left in their first month since.", {
        "CTU": None,
        "DLC": ("adopt", "新人第一周晚班配搭档。", ""),
        "CEB": ("adopt", "Begins with the November class.", "Sick leave in the first month is half of what it was."),
    }),
)  # fmt: skip

# What the camera saw on both visits, drawn.
PICTURE: Final = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 480" width="640" height="480">
<rect width="640" height="480" fill="#d9d4c9"/><rect y="300" width="640" height="180" fill="#a58f6f"/>
<rect x="60" y="250" width="240" height="14" fill="#5c4b36"/><rect x="340" y="250" width="240" height="14" fill="#5c4b36"/>
<rect x="100" y="130" width="150" height="100" rx="6" fill="#22303c"/><rect x="385" y="130" width="150" height="100" rx="6" fill="#22303c"/>
<rect x="165" y="230" width="20" height="20" fill="#22303c"/><rect x="450" y="230" width="20" height="20" fill="#22303c"/>
<path d="M255 236 a34 34 0 0 1 68 0" fill="none" stroke="#111" stroke-width="9"/>
<rect x="246" y="222" width="18" height="30" rx="7" fill="#111"/><rect x="314" y="222" width="18" height="30" rx="7" fill="#111"/>
</svg>"""
