"""Names that others use."""

from typing import Final

from django.utils.translation import gettext_lazy as _

TOPIC: Final = "webhook"
TEST_EVENT: Final = "portal.test"
NAME_TAKEN: Final = _("There is a webhook of this name already.")
