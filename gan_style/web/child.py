"""The process that paints: orders come as lines of JSON, answers go the same way.

Of its own, so that what decides exact numbers (threads, precision) is as the run was trained with, that a
painting can be stopped at any moment, and that running out of memory ends it and not the page.
"""

import json
import os
import sys
import threading
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

from gan_style.system.errors import UserError
from gan_style.system.quiet import import_tensorflow

MORE_LIKELY = b"500"  # to be chosen where memory runs out, than the page's own process


def end_with(parent: int) -> None:
    """However the page's process ends, nobody waits for what is painted here."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def main(threads: str) -> None:
    threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what is said on the way is no answer
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_bytes(MORE_LIKELY)
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115 (until this process ends)
    import_tensorflow()
    from gan_style.system.machine import OUT_OF_MEMORY
    from gan_style.web.painting import LoadedPainters, describe

    painters = LoadedPainters(int(threads) if threads else None)

    def answer(**told: Any) -> None:
        answers.write(json.dumps(told) + "\n")
        answers.flush()

    def fulfilled(order: dict[str, Any]) -> dict[str, Any]:
        if order["do"] == "describe":
            return describe(order["runs"])
        return painters.paint(order, lambda doing: answer(doing=doing))

    for line in sys.stdin:
        try:
            answer(done=fulfilled(json.loads(line)))
        except UserError as problem:
            answer(refused=str(problem))
        except OUT_OF_MEMORY:
            answer(refused="there is not enough memory for it; a smaller size needs less")
        except Exception as problem:
            traceback.print_exc()
            answer(refused=f"it failed, and that is a fault of the program: {type(problem).__name__}")


if __name__ == "__main__":
    with suppress(KeyboardInterrupt, BrokenPipeError):
        main(sys.argv[1])
