"""Whether what the page needs beside the rest is installed."""

from gan_style.system.errors import UserError


def check_extra() -> None:
    try:
        import fastapi  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError:
        raise UserError("the page needs FastAPI and uvicorn: pip install 'gan-style[web]'") from None
