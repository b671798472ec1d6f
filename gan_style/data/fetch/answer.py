"""A server's answer, wherever it sends on to; but neither to other schemes, nor for ever."""

from collections.abc import Mapping
from http.client import HTTPResponse
from urllib.error import HTTPError
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from gan_style.data.fetch.address import Address, without_login
from gan_style.system.deadline import deadline
from gan_style.system.errors import UserError

TIMEOUT = 30.0  # seconds in which nothing comes
SLOWEST = 120.0  # seconds until the first byte of the file, whatever comes before it
MOST_REDIRECTS = 10


def opened(address: Address, headers: Mapping[str, str]) -> HTTPResponse:
    """HTTPError for what is no file, URLError or OSError where nothing is reached."""
    asked, opener = address, _opener()
    with deadline(SLOWEST, f"{address}: the server has begun no answer after {SLOWEST:g} s"):
        for _ in range(MOST_REDIRECTS):
            try:
                return opener.open(_request(asked, headers), timeout=TIMEOUT)
            except HTTPError as problem:
                location = problem.headers.get("Location")
                if problem.code not in (301, 302, 303, 307, 308) or location is None:
                    raise
                problem.close()
                asked = _next(address, asked, location)
    raise UserError(f"{address}: the server sends on and on, more than {MOST_REDIRECTS} times")


def _opener() -> OpenerDirector:
    """Of http and https. urllib's own would follow to ftp, and take a password along."""
    opener = OpenerDirector()
    for handler in (ProxyHandler, HTTPHandler, HTTPSHandler, HTTPErrorProcessor, HTTPDefaultErrorHandler):
        opener.add_handler(handler())
    return opener


def _request(address: Address, headers: Mapping[str, str]) -> Request:
    login = {"Authorization": address.authorization} if address.authorization else {}
    return Request(address.url, headers={"User-Agent": "gan-style", **headers, **login})


def _next(first: Address, asked: Address, location: str) -> Address:
    try:
        return asked.to(location)
    except ValueError as problem:
        shown = ascii(without_login(location))[1:-1][:200]
        raise UserError(
            f"{first}: the server sends on to {shown}, where nothing is fetched: {problem}"
        ) from None
