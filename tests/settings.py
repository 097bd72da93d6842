"""Settings of the test run: the portal's own, on embedded servers of its own, a database and a cache per worker.

Everything goes through the environment, so that processes which a test starts see the same.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from portal.embedded import addresses

_ROOT = Path(__file__).resolve().parent.parent
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", "")[:8] or str(os.getpid())

for _name in [name for name in os.environ if name.startswith(("DATABASE_", "REDIS_", "EMAIL_", "PORTAL_AS_"))]:
    del os.environ[_name]
os.environ.setdefault("PORTAL_DATA_DIR", str(_ROOT / ".data" / "test"))
os.environ.setdefault("PORTAL_EMBEDDED_DURABLE", "0")
# A table that is analysed while a test's rows are not committed counts as empty, and joins of thousands become loops.
os.environ.setdefault("PORTAL_EMBEDDED_AUTOVACUUM", "0")
os.environ["PORTAL_MODE"] = "test"
_found = addresses(Path(os.environ["PORTAL_DATA_DIR"]))


def _with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


WORKER_DATABASE = f"test_{_RUN}_{_WORKER or 'main'}"
os.environ["DATABASE_URL"] = _with_database(_found.database_url, WORKER_DATABASE)
os.environ["DATABASE_OWNER_URL"] = _with_database(_found.owner_url, WORKER_DATABASE)
# Valkey has 16 numbered databases; 0 is left to whoever looks by hand.
os.environ["REDIS_URL"] = _found.redis_url.replace("db=0", f"db={1 + int(_WORKER.removeprefix('gw') or 14) % 15}")

from portal.settings import *  # noqa: E402, F403
from portal.settings import CACHES, STATIC_ROOT  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# WhiteNoise warns when there is no such folder; tests are served the files as they lie in the sources.
Path(STATIC_ROOT).mkdir(parents=True, exist_ok=True)
# A machine that is busy with tests must not look like a server that is away. Outages are tested with a port where nobody listens.
CACHES["default"]["OPTIONS"] |= {"socket_timeout": 30, "socket_connect_timeout": 30}
