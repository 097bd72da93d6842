"""Prints a row per piece of My day and reader as JSON: `python -m bench.day_rows REQUESTS`."""

import json
import re
import sys

from django.test import Client

from bench.measure import free_port, measured, start_server
from partners.models import Site
from portal.accounts.models import Membership, User

LEAD = "lead@bench.example"
READERS = {"coordinator": "u1@bench.example", "associate": "u2@bench.example", "partner lead": LEAD}


def main(count: int) -> None:
    """The page, and what it fetches, each by itself."""
    add_lead()
    port, rows = free_port(), []
    server = start_server(port)
    try:
        for who, email in READERS.items():
            client = Client(HTTP_HOST="localhost")
            client.force_login(User.objects.get(email=email))
            text = client.get("/").content.decode()
            rows.append(measured(client, port, f"the page ({who})", "/", None, count))
            pieces = re.findall(r'hx-get="(/day/[a-z_]+/)"', text)
            rows += [measured(client, port, f"{url} ({who})", url, None, count, piece=True) for url in pieces]
    finally:
        server.terminate()
        server.wait(20)
    print(json.dumps(rows))


def add_lead() -> None:
    """The lead of one site, once."""
    user, made = User.objects.get_or_create(email=LEAD, defaults={"name": "Lead"})
    if made:
        Membership.objects.create(user=user, role="partner_lead", site=Site.objects.order_by("pk")[0])


if __name__ == "__main__":
    main(int(sys.argv[1]))
