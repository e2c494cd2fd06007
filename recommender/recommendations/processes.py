"""Which process carries out a run, and whether that process is still there to do it."""

import os
import socket
from pathlib import Path

# Linux tells what a process is doing; elsewhere only the heartbeat does.
PROC = Path("/proc")


def this_process():
    """Name of this process: where its number means something, then the number."""
    return f"{_place()} {os.getpid()}"


def is_gone(process):
    """Whether a process has certainly ended. Of a process elsewhere that cannot be told from here: False."""
    place, _, number = process.rpartition(" ")
    if place != _place() or not PROC.exists():
        return False
    try:
        state = (PROC / number / "stat").read_text().rpartition(") ")[2][0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    # Killed, but nobody has asked for its exit status: usual in a container without an init.
    return state == "Z"


def _place():
    """This host and, where there are containers, which of them: each counts its processes from 1."""
    namespace = PROC / "self" / "ns" / "pid"
    return f"{socket.gethostname()} {os.readlink(namespace) if namespace.exists() else ''}"
