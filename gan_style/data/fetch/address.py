"""Addresses on the web: only http and https, and no password in what is shown or kept of them."""

import base64
import re
import string
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

KEPT = string.punctuation  # when an address is quoted; it may be quoted already


@dataclass(frozen=True)
class Address:
    """Without user and password, which are sent as a header, and to no other server."""

    url: str
    authorization: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return self.url

    def origin(self) -> tuple[str, str]:
        parts = urlsplit(self.url)
        return parts.scheme, parts.netloc

    def to(self, location: str) -> "Address":
        """Where a server sends on to; ValueError says why one does not go there."""
        # As bytes came: they are read as Latin-1, whatever they were meant to be.
        quoted = quote(location, safe=KEPT, encoding="latin-1", errors="replace")
        target = parse(urljoin(self.url, quoted))
        if self.url.startswith("https:") and not target.url.startswith("https:"):
            raise ValueError("from https to http, where anybody may change what comes")
        if target.authorization is None and target.origin() == self.origin():
            return Address(target.url, self.authorization)
        return target


def parse(text: str) -> Address:
    """ValueError says what is wrong with it."""
    if not text.isprintable() or " " in text:
        raise ValueError("an address holds no spaces and no control characters")
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018, for it is looked at only now
    except ValueError:
        # In other words: Python's may tell a part of the password.
        raise ValueError("its host or port is malformed") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("expected an address that starts with http:// or https://")
    login = None
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        login = f"Basic {base64.b64encode(pair.encode()).decode()}"
    path, query = (quote(part, safe=KEPT) for part in (parts.path, parts.query))
    return Address(SplitResult(parts.scheme, _host(parts), path or "/", query, "").geturl(), login)


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    try:
        shown = f"[{host}]" if ":" in host else host.encode("idna").decode()
    except UnicodeError:
        raise ValueError("no server can have this name") from None
    return shown if parts.port is None else f"{shown}:{parts.port}"


def without_login(text: str) -> str:
    """What may be shown of an address, also of one that cannot be parsed."""
    return re.sub(r"^(\w+://)?.*@", r"\1***@", text, flags=re.DOTALL)
