"""Become a command that dies with its parent: `python -m gan_style.cluster.die_with_parent PARENT COMMAND`.

A table killed with `kill -9` cannot stop its children. Linux can: it kills whoever asked for it when the
parent ends, and the request outlives `exec`. Elsewhere children go on to their end, and the table waits for
them.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, *command = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != int(parent):  # it ended before it was asked for
            sys.exit(1)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
