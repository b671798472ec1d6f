"""One file over HTTP, resumed where it broke off and never taken for whole before every byte has come."""

import re
import shutil
import time
from collections.abc import Sequence
from http.client import HTTPException, HTTPResponse, responses
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

from gan_style.data.fetch.address import Address
from gan_style.data.fetch.answer import opened
from gan_style.data.kept import read_note, write_note
from gan_style.system.errors import UserError
from gan_style.system.progress import transfer, warn

WAITS = (1.0, 3.0, 9.0, 20.0)  # seconds between attempts that bring nothing new
PATIENCE, LEAST = 60.0, 4096  # an attempt in which fewer bytes come in so many seconds is given up
CHUNK = 1 << 16
LARGEST = 20 * 10**9
NUMBER = "[0-9]{1,18}"
BUSY = {408, 425, 429, 500, 502, 503, 504}
ELSEWHERE = "try a mirror with --url ADDRESS, or a copy with --from-file FILE"


class Dropped(Exception):
    """The connection broke or the server was busy: worth another attempt."""


def download(address: Address, partial: Path, size: int | None, waits: Sequence[float] = WAITS) -> None:
    """Bring a file, going on where `partial` ends. `size`: refuse a file of another one."""
    most, left = 0, list(waits)
    while True:
        try:
            _go_on(address, partial, size)
            return
        except Dropped as problem:
            if held(partial) >= most + LEAST:
                most, left = held(partial), list(waits)
            if not left:
                kept = f"{held(partial):,} bytes are kept, and the same command goes on from there"
                raise UserError(
                    f"{address}: {problem}, after {len(waits) + 1} attempts; {kept}. Or {ELSEWHERE}"
                ) from None
            warn(f"{problem}; trying again in {left[0]:g} s")
            time.sleep(left.pop(0))


def held(partial: Path) -> int:
    return partial.stat().st_size if partial.exists() else 0


def note_of(partial: Path) -> Path:
    """The file that remembers of which version, and of how long a file, the partial one is."""
    return partial.with_name(f"{partial.name}.json")


def discard(partial: Path) -> None:
    partial.unlink(missing_ok=True)
    note_of(partial).unlink(missing_ok=True)


def _go_on(address: Address, partial: Path, size: int | None) -> None:
    note = _read_note(partial, address)
    have = held(partial)
    if have and have == note["total"]:
        return  # it came whole, and the process ended before it was unpacked
    headers = {}
    if have:
        headers["Range"] = f"bytes={have}-"
        if note["version"]:
            headers["If-Range"] = note["version"]
    try:
        response = opened(address, headers)
    except HTTPError as problem:
        if problem.code == 416 and _whole(problem.headers, have):
            return
        _refused(address, partial, problem)
    except URLError as problem:
        raise Dropped(f"cannot be reached: {problem.reason}") from None
    except (OSError, HTTPException) as problem:
        raise Dropped(f"the connection broke off: {problem or type(problem).__name__}") from None
    with response:
        _receive(response, address, partial, size)


def _read_note(partial: Path, address: Address) -> dict[str, Any]:
    """What is known of the partial file; one from elsewhere, or of which nothing is known, is dropped."""
    note = read_note(note_of(partial))
    if note is not None and note["address"] == address.url:
        return note
    discard(partial)
    return {"version": None, "total": None}


def _whole(headers: Any, have: int) -> bool:
    """Whether a server that has nothing more to give says that this was all."""
    return (headers.get("Content-Range") or "").replace(" ", "") == f"bytes*/{have}"


def _refused(address: Address, partial: Path, problem: HTTPError) -> None:
    if problem.code == 416:
        discard(partial)
        raise Dropped("the server has another version of the file now, so it starts anew")
    # In the standard's words: the server's own may be anything.
    answer = f"the server answers {problem.code} {responses.get(problem.code, '')}".rstrip()
    if problem.code in BUSY:
        raise Dropped(answer)
    raise UserError(f"{address}: {answer}; {ELSEWHERE}")


def _receive(response: HTTPResponse, address: Address, partial: Path, size: int | None) -> None:
    """Append the answer's bytes, or start the file anew where the server sends all of it."""
    start, total = _span(response)
    if start and (start != held(partial) or total != _read_note(partial, address)["total"]):
        discard(partial)
        raise Dropped("the server goes on with something else, so it starts anew")
    _check_offer(response, address, partial, start, total, size)
    version = response.headers.get("ETag")
    # A weak tag promises the same meaning, not the same bytes.
    if version is None or version.startswith("W/"):
        version = response.headers.get("Last-Modified")
    write_note(note_of(partial), {"address": address.url, "version": version, "total": total})
    have, since, came = start, time.monotonic(), 0
    with (
        partial.open("ab" if start else "wb", buffering=0) as file,
        transfer(total, start, f"fetching {address.url.split('/')[-1]}") as advance,
    ):
        while chunk := _read(response):
            file.write(chunk)
            have, came = have + len(chunk), came + len(chunk)
            advance(len(chunk))
            if came >= LEAST:
                since, came = time.monotonic(), 0
            elif time.monotonic() - since > PATIENCE:
                raise Dropped(f"only {came:,} bytes came in {PATIENCE:g} s")
            if have > LARGEST:
                raise UserError(f"{address}: more than {LARGEST:,} bytes come, which no set has; {ELSEWHERE}")
    if total is not None and have < total:
        raise Dropped(f"the connection broke off after {have:,} of {total:,} bytes")


def _span(response: HTTPResponse) -> tuple[int, int | None]:
    """Where the answer starts within the file, and how long the whole file is."""
    if response.status == 206:
        found = re.fullmatch(
            rf"bytes ({NUMBER})-{NUMBER}/({NUMBER}|\*)", response.headers.get("Content-Range") or ""
        )
        if not found:
            raise Dropped("the server sends a part of the file without saying which")
        return int(found[1]), None if found[2] == "*" else int(found[2])
    length = response.headers.get("Content-Length") or ""
    return 0, int(length) if re.fullmatch(NUMBER, length) else None


def _read(response: HTTPResponse) -> bytes:
    try:
        return response.read1(CHUNK)  # what is there, and not only when so much is there
    except (OSError, HTTPException) as problem:
        raise Dropped(f"the connection broke off: {problem or type(problem).__name__}") from None


def _check_offer(
    response: HTTPResponse, address: Address, partial: Path, start: int, total: int | None, size: int | None
) -> None:
    """Before any byte is stored: is it an archive, of the right size, and is there room for it?"""
    kind = response.headers.get("Content-Type") or ""  # one that is not sent says nothing
    if kind.lower().startswith("text/"):
        page = f"the server sends a page ({response.headers.get_content_type()}), not an archive"
        raise UserError(f"{address}: {page}; {ELSEWHERE}")
    if total is None:
        return
    if size is not None and total != size:
        other = "name the hash of another version with --sha256"
        offer = f"the server offers {total:,} bytes, but this set has {size:,}"
        raise UserError(f"{address}: {offer}; {ELSEWHERE}, or {other}")
    if total > LARGEST:
        raise UserError(f"{address}: the server offers {total:,} bytes, which no set has; {ELSEWHERE}")
    # Pictures hardly compress: what is unpacked is about as long as its archive.
    needed, free = 2 * total - start, shutil.disk_usage(partial.parent).free
    if needed > free:
        reason = f"{needed:,} bytes are needed and {free:,} are free"
        raise UserError(f"{partial.parent}: {reason}; make room, or choose a place with --output")
