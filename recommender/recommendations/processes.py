"""Which process carries out a run, and whether that process is still there to do it."""

import os
import socket
from pathlib import Path

NAMESPACE = Path("/proc/self/ns/pid")


def this_process():
    """Name of this process: where its number means something, then the number."""
    return f"{_place()} {os.getpid()}"


def is_gone(process):
    """Whether a process has certainly ended. What runs elsewhere cannot be told from here: False."""
    place, _, number = process.rpartition(" ")
    if place != _place():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _place():
    """This host and, where there are containers, which of them: each counts its processes from 1."""
    namespace = os.readlink(NAMESPACE) if NAMESPACE.exists() else ""
    return f"{socket.gethostname()} {namespace}"
