"""WSGI entry point for gunicorn."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import reverse

from portal.servers import ensure_servers
from portal.ui.charsets import with_readable_types

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
ensure_servers()
application = with_readable_types(get_wsgi_application())
# An address loads the code of every page. What is loaded now stays, so the garbage collector need not walk these 200,000 objects in the
# middle of a request: a full collection took longer than the request itself, once in about twenty.
reverse("home:healthz")
gc.collect()
gc.freeze()
