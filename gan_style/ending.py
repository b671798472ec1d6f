"""How a command ends: well, or with one message and an exit code."""

import signal
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from gan_style.errors import RunError, UserError


def ends_well(command: Callable[..., int | None]) -> Callable[..., None]:
    """Turn the expected errors into one message and an exit code; anything else is a bug and shows itself."""

    @wraps(command)
    def wrapped(*arguments: Any, **options: Any) -> None:
        # So that what is under way is cleaned up. Training puts its own, gentler handler over this one.
        before = signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
        try:
            code = command(*arguments, **options) or 0
        except UserError as problem:
            click.echo(f"error: {problem}", err=True)
            code = 2
        except RunError as problem:
            click.echo(f"run failed: {problem}", err=True)
            code = 1
        except OSError as problem:
            if problem.filename is None:
                raise
            click.echo(f"error: {problem.filename}: {problem.strerror}", err=True)
            code = 2
        except KeyboardInterrupt:
            code = 130
        finally:
            signal.signal(signal.SIGTERM, before)
        sys.exit(code)

    return wrapped
