"""WSGI entry point for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

from portal.servers import ensure_servers
from portal.ui.charsets import with_readable_types

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
ensure_servers()
application = with_readable_types(get_wsgi_application())
