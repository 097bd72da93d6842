"""PostgreSQL and Valkey out of the virtualenv, for machines that have neither.

`addresses` only computes. `ensure_running` starts what is not running and attaches this process; the
last attached process to exit stops the servers. Whether a process is still attached is told by a shared
file lock that it holds: the kernel lets go of it even when the process is killed, so no record of a dead
process can be mistaken for a live one.
"""

from portal.embedded.places import Addresses, addresses, celery_url
from portal.embedded.servers import ensure_running, is_running, start, stop

__all__ = ["Addresses", "addresses", "celery_url", "ensure_running", "is_running", "start", "stop"]
