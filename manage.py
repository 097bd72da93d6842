#!/usr/bin/env python
"""Command line of the portal. Starts the embedded servers when no others are named."""

import os
import sys

# These commands change the schema, so they connect as its owner; everything else as the application's role.
OWNER_COMMANDS = frozenset({"migrate", "lintmigrations", "sqlmigrate", "showmigrations"})
# These read code only and must not start a server.
SERVERLESS_COMMANDS = frozenset({"help", "version", "collectstatic", "compilemessages", "makemessages", "findstatic"})


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command in OWNER_COMMANDS:
        os.environ["PORTAL_AS_OWNER"] = "1"
    if command not in SERVERLESS_COMMANDS:
        from portal.servers import ensure_servers

        ensure_servers()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
