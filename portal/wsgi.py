"""WSGI entry point for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

from portal.servers import ensure_servers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
ensure_servers()
application = get_wsgi_application()
