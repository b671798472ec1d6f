"""Where pictures are kept once they are decoded."""

import os
from pathlib import Path

from gan_style.data.manifest import PictureStore


def cache_folder() -> Path:
    """GAN_STYLE_CACHE, or gan-style in the user's cache folder."""
    named = os.environ.get("GAN_STYLE_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(named).expanduser() if named else Path(base).expanduser() / "gan-style"


def picture_store() -> PictureStore:
    return PictureStore(cache_folder())
