"""What all routes have in common: who asks, how often, once or again, and how a refusal reads."""

from .bearer import Caller, caller_of, needs
from .fields import KEPT, SAID, Body, Instant, Key, Listed, Said, Text, only
from .once import Made, once
from .problems import Fault, ProblemError

__all__ = [
    "KEPT",
    "SAID",
    "Body",
    "Caller",
    "Fault",
    "Instant",
    "Key",
    "Listed",
    "Made",
    "ProblemError",
    "Said",
    "Text",
    "caller_of",
    "needs",
    "once",
    "only",
]
