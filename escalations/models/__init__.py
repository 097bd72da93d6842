"""Services, cases, timelines. Fields, constraints and indexes; no workflow."""

from .assigning import Giving, IssueSkill, Workload, WorkShift
from .briefs import Brief, BriefCopy, BriefWord
from .case import OPEN, Case, CaseOrigin
from .channels import ChannelEndpoint, ChannelMessage, ChannelThread
from .configuration import IssueType, Service, SeverityCell
from .evidence import EvidencePack
from .facts import CaseFact
from .feedback import PeerFeedback
from .figures import CaseCount
from .grants import CaseGrant
from .handing import Consult, Handover
from .links import CarriedEntry, CaseDifference, CaseLink
from .macros import Macro
from .mail import InboundMail, OutboundMail, ServiceMailbox
from .mentions import Mention, MentionSeen
from .playbooks import CasePlaybook, Playbook, PlaybookStep, PlaybookVersion, StepEvent
from .replies import ReplyTemplate, ReplyTemplateVersion, TemplateUse
from .shifts import ShiftHandover, ShiftLine, ShiftTick
from .statutory import Jurisdiction, Regulation, StatutoryDeadline, StatutoryResponse, StatutoryTerm
from .subscriptions import CaseSequence, CaseSubscription
from .timeline import EntryBody, TimelineEntry, Watcher
from .words import CaseWords

__all__ = [
    "OPEN",
    "Brief",
    "BriefCopy",
    "BriefWord",
    "CarriedEntry",
    "Case",
    "CaseCount",
    "CaseDifference",
    "CaseFact",
    "CaseGrant",
    "CaseLink",
    "CaseOrigin",
    "CasePlaybook",
    "CaseSequence",
    "CaseSubscription",
    "CaseWords",
    "ChannelEndpoint",
    "ChannelMessage",
    "ChannelThread",
    "Consult",
    "EntryBody",
    "EvidencePack",
    "Giving",
    "Handover",
    "InboundMail",
    "IssueSkill",
    "IssueType",
    "Jurisdiction",
    "Macro",
    "Mention",
    "MentionSeen",
    "OutboundMail",
    "PeerFeedback",
    "Playbook",
    "PlaybookStep",
    "PlaybookVersion",
    "Regulation",
    "ReplyTemplate",
    "ReplyTemplateVersion",
    "Service",
    "ServiceMailbox",
    "SeverityCell",
    "ShiftHandover",
    "ShiftLine",
    "ShiftTick",
    "StatutoryDeadline",
    "StatutoryResponse",
    "StatutoryTerm",
    "StepEvent",
    "TemplateUse",
    "TimelineEntry",
    "Watcher",
    "WorkShift",
    "Workload",
]
