"""Which addresses requests may go to: only those that all the world can reach, unless WEBHOOKS_ALLOW_PRIVATE."""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

# Ranges that stand for IPv4 addresses, private ones among them, or for tunnels to who knows where.
_TRANSLATED: Final = tuple(
    IPv6Network(network)
    for network in ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)


class BlockedError(Exception):
    """An address that no request may go to; says why in one line."""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether all the world can reach it: not private, loopback, link-local, shared, multicast, reserved or translated."""
    if isinstance(address, IPv6Address) and any(address in network for network in _TRANSLATED):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def check_url(url: str) -> SplitResult:
    """Look at an address without resolving it. Raises BlockedError with the reason."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BlockedError("this is no address") from error
    schemes = {"https", "http"} if settings.WEBHOOKS_ALLOW_PRIVATE else {"https"}
    if parts.scheme not in schemes:
        raise BlockedError("the address must begin with https://")
    if not parts.hostname or port == 0 or any(ord(char) <= 32 or ord(char) == 127 for char in url):
        raise BlockedError("this is no address")
    if parts.username is not None or parts.password is not None:
        raise BlockedError("an address must not hold a password")
    return parts


def resolve(host: str, port: int) -> list[str]:
    """Every address of a host, all of them allowed. Raises BlockedError for one that is not, OSError for none at all."""
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    addresses = list(dict.fromkeys(found))
    if not settings.WEBHOOKS_ALLOW_PRIVATE:
        for one in addresses:
            if not is_public(ip_address(one.partition("%")[0])):
                raise BlockedError(f"{host} has the private address {one}")
    return addresses
