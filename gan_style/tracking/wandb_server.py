"""Whether the W&B server can be used, found out in seconds: W&B itself waits long, and then says little."""

import base64
import json
import logging
import os
import re
import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, ProxyHandler, Request, build_opener

PROBE_SECONDS = 5.0
INIT_SECONDS = 20.0  # for W&B's own start, once the server has answered
ANSWER_BYTES = 100_000
LONGEST = 300  # characters of what a server or W&B says that are shown
QUESTION = json.dumps({"query": "query Viewer { viewer { id } }"}).encode()


class NoRedirects(HTTPRedirectHandler):
    """The key is for the server that was named."""

    def redirect_request(self, *asked: Any) -> None:
        return None


def prepare() -> str:
    """Load W&B without its noise; returns what of its environment it does not understand, or nothing.

    With such a variable W&B would not start, not even offline, so for its start there is none.
    """
    # Or every run, offline ones too, sends figures about itself and waits for a server that is silent.
    os.environ.setdefault("WANDB_ERROR_REPORTING", "false")
    # Or its own log prints a traceback for each line that a full disk has no room for.
    logging.raiseExceptions = False
    import wandb

    quiet = {"silent": True, "console": "off", "save_code": False, "x_disable_stats": True}
    unreadable = unreadable_variables()
    with without(unreadable):
        wandb.setup(wandb.Settings(init_timeout=INIT_SECONDS, **quiet))
    return "; ".join(f"{name}: {why}" for name, why in unreadable.items())


def unreadable_variables() -> dict[str, str]:
    import wandb

    found = {}
    for name in [name for name in os.environ if name.startswith("WANDB_")]:
        try:
            wandb.Settings().update_from_env_vars({name: os.environ[name]})
        except Exception as problem:
            # Of several lines the third says what is wrong; then comes the value, which may hold a password.
            lines = [line.strip() for line in str(problem).splitlines()]
            found[name] = safe(lines[2 if len(lines) > 2 else 0].partition(" [type=")[0])
    return found


@contextmanager
def without(names: Iterable[str]) -> Iterator[None]:
    kept = {name: os.environ.pop(name) for name in names}
    try:
        yield
    finally:
        os.environ.update(kept)


def why_not_online() -> str:
    """What stands between this machine and the W&B server, or nothing, known within PROBE_SECONDS."""
    if unreadable := prepare():
        return unreadable
    from wandb.sdk import wandb_setup
    from wandb.sdk.lib import wbauth

    settings = wandb_setup.singleton().settings
    try:
        credentials = wbauth.authenticate_session(
            host=settings.base_url, source="gan-style", prompt=False, update_session=False
        )
    except Exception as problem:
        return safe(str(problem))
    if credentials is None:
        return "no API key (run 'wandb login' or set WANDB_API_KEY)"
    if not isinstance(credentials, wbauth.AuthApiKey):
        return ""  # an identity token: only W&B can show it
    told: list[str] = []
    # In a thread: a name may never be found, and an answer may come a byte a minute.
    asking = threading.Thread(target=lambda: told.append(ask(settings, credentials.api_key)), daemon=True)
    asking.start()
    asking.join(PROBE_SECONDS)
    return safe(told[0]) if told else f"{_host(settings)} does not answer within {PROBE_SECONDS:g} s"


def ask(settings: Any, key: str) -> str:
    """What is wrong with the server's answer to who the owner of the key is, or nothing."""
    host = _host(settings)
    address = settings.base_url.replace(urlsplit(settings.base_url).netloc, host, 1) + "/graphql"
    basic = base64.b64encode(f"api:{key}".encode()).decode()
    headers = {"Content-Type": "application/json", "Authorization": f"Basic {basic}"}
    question = Request(address, QUESTION, {**headers, **(settings.x_extra_http_headers or {})})
    try:
        with _opener(settings).open(question, timeout=PROBE_SECONDS) as answer:
            viewer = json.loads(answer.read(ANSWER_BYTES))["data"]["viewer"]
    except HTTPError as problem:
        refuses = "refuses the API key" if problem.code in (401, 403) else "cannot be used"
        return f"{host} {refuses} (HTTP {problem.code})"
    except (OSError, HTTPException) as problem:
        reason = problem.reason if isinstance(problem, URLError) else problem
        return f"{host} cannot be reached ({reason})"
    except (ValueError, KeyError, TypeError, RecursionError):
        return f"{host} does not answer as a W&B server does"
    return "" if viewer else f"{host} does not know the API key"


def _opener(settings: Any) -> Any:
    context = ssl.create_default_context()
    if settings.insecure_disable_ssl:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    handlers: list[Any] = [NoRedirects, HTTPSHandler(context=context)]
    if urlsplit(settings.base_url).hostname in ("localhost", "127.0.0.1", "::1"):
        handlers.append(ProxyHandler({}))  # as W&B does it
    return build_opener(*handlers)


def _host(settings: Any) -> str:
    """With its port, without a user's name and password."""
    return urlsplit(settings.base_url).netloc.rpartition("@")[2]


def safe(text: str) -> str:
    """One line, without passwords in addresses, without the key, and without orders to the terminal."""
    text = re.sub(r"//[^/\s]*@", "//", text)
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    key = os.environ.get("WANDB_API_KEY")
    return (text.replace(key, "(the API key)") if key else text)[:LONGEST]
