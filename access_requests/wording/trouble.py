"""Words about trouble: what to try first, what happened, why not."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

EVENTS: "Mapping[str, StrOrPromise]" = {
    "trouble.report": _("reported trouble"),
    "trouble.take": _("took it on"),
    "trouble.solve": _("solved it"),
    "trouble.cancel": _("took it back"),
}
REFUSALS: "Mapping[str, StrOrPromise]" = {
    "trouble_known": _("This is reported already as %(ref)s and is being dealt with."),
    "trouble_over": _("This is over already."),
    "system_unknown": _("This system is not in use any more. Choose another."),
}
#: What often helps, by symptom, in the order in which to try it.
CHECKS: "Mapping[str, Sequence[tuple[str, StrOrPromise]]]" = {
    "password": [
        ("caps_lock", _("Check Caps Lock and the keyboard language, then type the password once more.")),
        ("right_page", _("Sign in from the address in your bookmarks, not from a link in a mail.")),
        ("reset", _("Use “Forgot password” and wait two minutes for the mail.")),
        ("clock", _("If a one-time code is refused: set the phone’s clock to automatic.")),
        ("locked", _("After five wrong attempts the account is locked: wait 15 minutes.")),
    ],
    "vpn": [
        ("internet", _("Open a public web page. If it does not open, the network of the site is the cause.")),
        ("reconnect", _("Disconnect, quit the VPN client, start it again, connect.")),
        ("restart", _("Restart the computer.")),
        ("other_network", _("Try another network, a phone’s hotspot for example.")),
        ("colleagues", _("Ask the desk beside you whether it is the same there.")),
    ],
    "headset": [
        ("plug", _("Unplug the headset and plug it into another port.")),
        ("device", _("Choose the headset as microphone and speaker in the telephone’s settings.")),
        ("mute", _("Check the mute button at the cable or the ear.")),
        ("swap", _("Try a colleague’s headset. If that works, yours is broken: ask for a spare one.")),
    ],
    "tool_down": [
        ("reload", _("Reload the page with Ctrl+F5, or quit the program and start it again.")),
        ("private", _("Open it in a private window.")),
        ("others", _("Ask a colleague whether it works there.")),
        ("notice", _("Look for a notice of maintenance.")),
    ],
    "other": [
        ("restart", _("Restart the computer.")),
        ("repeat", _("Try it once more, and note what the screen says word for word.")),
    ],
}


def check_texts(symptom: str, codes: Sequence[str]) -> list[str]:
    """What was tried, in words."""
    known = dict(CHECKS[symptom])
    return [str(known[code]) for code in codes if code in known]
