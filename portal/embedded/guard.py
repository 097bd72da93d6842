"""`python -m portal.embedded.guard HOME RUN`: stops the servers when the last attached process was killed."""

import signal
import sys
from pathlib import Path

from portal.embedded.places import Places, server_account
from portal.embedded.servers import guard

if __name__ == "__main__":
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    home = Path(sys.argv[1])
    guard(Places(home=home, run=Path(sys.argv[2]), account=server_account(home)))
