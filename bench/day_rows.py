"""Prints a row per piece of My day and reader as JSON: `python -m bench.day_rows REQUESTS`."""

import json
import re
import sys
from typing import Final

from django.test import Client

from bench.day_tenant import READERS
from bench.measure import free_port, measured, start_server
from portal.accounts.models import User

ENTRY: Final = 'class="todo"'
#: A line of a list, and a number that is not 0 in a list of numbers.
ROW: Final = re.compile(rf"{ENTRY}|<li |<dd>(?:<a [^>]*>)?<b>[1-9]")


def main(count: int) -> None:
    """The page, and what it fetches, each by itself."""
    clients = {who: client_of(email) for who, email in READERS.items()}
    shown = {who: pieces_of(client) for who, client in clients.items()}
    empty = [
        f"{url} ({who})" for who, pieces in shown.items() for url, text in pieces.items() if not rows_of(url, text)
    ]
    if empty:
        raise SystemExit(f"nothing was measured, as these show no row: {', '.join(empty)}")
    port, rows = free_port(), []
    server = start_server(port)
    try:
        for who, client in clients.items():
            for url, text in shown[who].items():
                name = f"{'the page' if url == '/' else url} ({who})"
                found = measured(client, port, name, url, None, count, piece=url != "/")
                rows.append([*found[:5], rows_of(url, text)])
    finally:
        server.terminate()
        server.wait(20)
    print(json.dumps(rows))


def client_of(email: str) -> Client:
    """Somebody who is signed in."""
    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.get(email=email))
    return client


def pieces_of(client: Client) -> dict[str, str]:
    """By address the page and what it fetches."""
    page = client.get("/").content.decode()
    urls = re.findall(r'hx-get="(/day/[a-z_]+/)"', page)
    return {"/": page} | {url: client.get(url, headers={"HX-Request": "true"}).content.decode() for url in urls}


def rows_of(url: str, text: str) -> int:
    """How many rows a piece shows; none where one of its numbers is 0. The page has lists that are always there, too."""
    if url == "/":
        return text.count(ENTRY)
    numbers = re.findall(r"<dd>(?:<a [^>]*>)?(<b>[1-9])?", text)
    return 0 if "" in numbers else len(ROW.findall(text))


if __name__ == "__main__":
    main(int(sys.argv[1]))
