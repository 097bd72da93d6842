"""What a process of the demo's builder does first. Imports nothing that needs Django to be ready."""

import ctypes
import signal
import sys

_DIE_WITH_PARENT = 1


def set_up() -> None:
    """End with whoever started it, however that ended (only Linux knows how); and a new process knows no Django yet."""
    import django

    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGTERM)
    django.setup()
