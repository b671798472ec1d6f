"""Who may come in: by which names the page is reached, and with which token."""

import hashlib
import hmac
import ipaddress
import secrets
import socket
from dataclasses import dataclass

from gan_style.system.errors import UserError

SHORTEST_TOKEN = 16  # characters
COOKIE = "gan-style-page"


@dataclass(frozen=True)
class Doors:
    """`names`: hosts that a browser may ask for, so that no other site's name can stand for this machine."""

    names: frozenset[str]
    addresses: bool  # whether any address in numbers will do; it cannot be rebound as a name can
    token: str | None = None

    @classmethod
    def of(cls, host: str, token: str | None, also: tuple[str, ...] = ()) -> "Doors":
        """On loopback nobody needs a token. Elsewhere one is made where none is given."""
        if token is not None and len(token) < SHORTEST_TOKEN:
            raise UserError(f"--token: expected at least {SHORTEST_TOKEN} characters; without it one is made")
        known = {name.lower() for name in also} | {host.lower()}
        if is_loopback(host):
            return cls(frozenset(known | {"localhost", "127.0.0.1", "::1"}), False, token)
        here = socket.gethostname().lower()
        known |= {"localhost", here, f"{here.partition('.')[0]}.local", socket.getfqdn().lower()}
        return cls(frozenset(known), True, token or secrets.token_urlsafe(24))

    def knows_host(self, header: str) -> bool:
        name = host_of(header)
        return name in self.names or (self.addresses and is_address(name))

    def lets_in(self, given: str) -> bool:
        """Whether this is the token; how long the answer takes tells nothing."""
        return self.token is None or same(given, self.token)

    def cookie(self) -> str:
        """What a browser keeps instead of the token."""
        return hashlib.sha256(f"{COOKIE} {self.token}".encode()).hexdigest()

    def cookie_name(self) -> str:
        """One for each token: browsers keep the cookies of all ports of a machine together."""
        return f"{COOKIE}-{self.cookie()[:8]}"

    def knows_cookie(self, given: str) -> bool:
        return self.token is None or same(given, self.cookie())


def same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def host_of(header: str) -> str:
    """Without port and brackets."""
    if header.startswith("["):
        return header[1:].partition("]")[0].lower()
    return header.partition(":")[0].lower()


def is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    return host == "localhost" or (is_address(host) and ipaddress.ip_address(host).is_loopback)
