"""What the page takes from anybody, and for how long it keeps it."""

from gan_style.system.errors import UserError

UPLOAD_BYTES = 100_000_000  # of one picture
UPLOAD_SECONDS = 120.0  # for it to come
REQUEST_SECONDS = 15.0  # for any other request
UPLOADS_AT_ONCE = 8
PIXELS = 50_000_000  # of a picture, by its header
KEPT_UPLOADS, KEPT_BYTES = 64, 2_000_000_000  # the oldest go first
KEPT_PAINTINGS, KEPT_PAINTED_BYTES = 100, 4_000_000_000  # the oldest go first
WAITING = 8  # paintings in the queue, beside the one that is painted
PAINT_SECONDS = 900.0  # for one painting
IDLE_SECONDS = 3600.0  # since somebody last asked for it
BODY_BYTES = 64_000  # of a request that is no picture
NAME = 200  # characters of a file's name that are kept
PREVIEW = 1600  # pixels of the longer side, of what the page shows


class Busy(UserError):
    """Too much to do at this moment; the same request may be made again."""

    def __init__(self, text: str, seconds: int) -> None:
        super().__init__(text)
        self.seconds = seconds  # after which it may be tried again
