"""Systems, entitlements and bundles of the demo. All names are invented."""

from typing import Final, NamedTuple


class Thing(NamedTuple):
    """An entitlement: code, names, and what is special about it."""

    code: str
    name: str
    name_zh: str
    privileged: bool = False
    rule: str = ""
    checks: tuple[tuple[str, str], ...] = ()


class Place(NamedTuple):
    """A system: code, names, IT group, channel, seats, cost per month, data class, usual minutes, and what it holds."""

    code: str
    name: str
    name_zh: str
    group: str
    seats: int | None
    cost: str
    data_class: str
    minutes: int
    things: tuple[Thing, ...]
    ticket_address: str = ""
    ticket_language: str = "en"
    checks: tuple[tuple[str, str], ...] = ()


GROUPS: Final = (
    ("service-desk", "IT service desk", "IT 服务台"),
    ("telephony", "Telephony team", "话务技术组"),
    ("payments-security", "Payments security", "支付安全组"),
)
SYSTEMS: Final = (
    Place("sso", "Single sign-on", "单点登录", "service-desk", None, "2.00", "internal", 120, (
        Thing("sso-account", "Account", "账号", checks=(
            ("Check that caps lock is off", "检查大写锁定是否关闭"), ("Try another browser", "换一个浏览器试试"),
        )),
    )),
    Place("case-desk", "Case desk", "案件台", "service-desk", 320, "18.00", "confidential", 240, (
        Thing("case-agent", "Agent", "客服"),
        Thing("case-lead", "Team lead", "组长"),
        Thing("case-read", "Read only", "只读"),
    ), checks=(
        ("Look whether the status page names a disturbance", "看状态页有没有故障通知"),
        ("Sign out, close all its tabs, sign in again", "退出，关闭它的所有标签页，再登录"),
    )),
    Place("telephony", "Telephony and softphone", "电话与软电话", "telephony", 300, "11.50", "internal", 960, (
        Thing("phone-line", "Softphone line", "软电话线路", checks=(
            ("Plug the headset in again", "重新插一次耳机"), ("Restart the softphone", "重启软电话"),
        )),
        Thing("phone-monitor", "Listen in", "监听"),
    ), "tickets@telephony.example"),
    Place("booking", "Booking lookup", "订单查询", "service-desk", None, "", "confidential", 480, (
        Thing("booking-read", "Look up bookings", "查询订单"),
    )),
    Place("payments", "Payments console", "支付控制台", "service-desk", 130, "40.00", "restricted", 960, (
        Thing("pay-view", "View payments", "查看支付", rule="payments"),
        Thing("pay-refund", "Enter refunds", "录入退款", True, "payments"),
        Thing("pay-approve", "Approve refunds", "审批退款", True, "payments"),
    )),
    Place("knowledge", "Knowledge base", "知识库", "service-desk", None, "", "internal", 60, (
        Thing("kb-read", "Reader", "读者"),
        Thing("kb-edit", "Editor", "编辑"),
    )),
    Place("vpn", "VPN", "虚拟专网", "service-desk", 302, "3.20", "internal", 240, (
        Thing("vpn-profile", "Profile", "配置", checks=(
            ("Check that the internet works", "检查网络是否正常"), ("Restart the VPN client", "重启 VPN 客户端"),
        )),
    )),
    Place("quality", "Quality tool", "质检工具", "service-desk", 320, "22.00", "confidential", 480, (
        Thing("qa-score", "Score contacts", "质检评分"),
        Thing("qa-results", "See own results", "查看自己的结果"),
    )),
    Place("workforce", "Workforce planner", "排班系统", "telephony", 320, "6.00", "internal", 480, (
        Thing("wfm-shifts", "See own shifts", "查看班次"),
        Thing("wfm-plan", "Plan shifts", "排班"),
    ), "tickets@workforce.example", "zh-hans"),
    Place("learning", "Learning platform", "学习平台", "service-desk", None, "4.00", "internal", 120, (
        Thing("learn-take", "Learner", "学员"),
        Thing("learn-author", "Author", "讲师"),
    )),
    Place("reports", "Reporting", "报表", "service-desk", 50, "30.00", "confidential", 480, (
        Thing("report-team", "Reports of the team", "团队报表"),
    )),
    Place("identity", "Identity checks", "身份核验", "service-desk", 30, "25.00", "restricted", 960, (
        Thing("id-check", "Check identities", "核验身份", rule="payments"),
        Thing("id-override", "Override a check", "人工放行", True, "payments"),
    )),
)  # fmt: skip
BASE: Final = ("sso-account", "kb-read", "vpn-profile", "wfm-shifts", "learn-take")
# Code, names, job role, programme, birthright, what it brings.
BUNDLES: Final = (
    ("agent", "Agent", "客服", "AGENT", "", True, (*BASE, "case-agent", "phone-line", "qa-results")),
    ("agent-care", "Agent, guest care", "客服：客人支持", "AGENT", "CARE", True, ("booking-read",)),
    ("agent-host", "Agent, host support", "客服：房东支持", "AGENT", "HOST", False, ("pay-view",)),
    ("lead", "Team lead", "组长", "LEAD", "", True,
     (*BASE, "case-lead", "phone-monitor", "wfm-plan", "report-team", "booking-read")),
    ("qa", "Quality analyst", "质检员", "QA", "", True, (*BASE, "case-read", "qa-score", "phone-monitor")),
    ("trainer", "Trainer", "培训师", "TRAINER", "", True, (*BASE, "learn-author", "kb-edit", "case-read")),
)  # fmt: skip
CONFLICTS: Final = (
    ("refund-two-hands", "Refunds need two people", "退款须两人经手", "pay-refund", "pay-approve"),
    ("check-and-release", "Who checks does not release", "核验者不得放行", "id-check", "id-override"),
)
