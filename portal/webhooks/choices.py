"""Names that others use."""

from typing import Final

TOPIC: Final = "webhook"
TEST_EVENT: Final = "portal.test"
