"""Real servers for tests: a PostgreSQL and a Redis of their own, on free ports, gone afterwards."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

ROOT = Path(__file__).parent.parent
REQUIRED = os.environ.get("HKTALENT_TEST_REQUIRE_SERVICES") == "1"


def missing(what):
    """Skips the test that needs a service, or fails it where services are required."""
    message = f"{what} is not installed on this machine"
    if REQUIRED:
        pytest.fail(message)
    pytest.skip(message)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def postgres_binaries():
    """The folder of the newest PostgreSQL server on this machine, or None."""
    # Debian keeps servers outside PATH, one folder a version.
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    if folders:
        return folders[-1]
    found = shutil.which("initdb")
    return Path(found).parent if found else None


@contextmanager
def postgres():
    """The address of an empty PostgreSQL that keeps nothing: no fsync, no password, loopback only."""
    binaries = postgres_binaries()
    # PostgreSQL refuses to run as root.
    as_user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="hktalent-postgres-") as folder:
        if as_user:
            shutil.chown(folder, "postgres", "postgres")
        port = free_port()

        def run(*command):
            subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, **as_user)

        data = f"{folder}/data"
        run(binaries / "initdb", "-D", data, "--no-sync", "-A", "trust", "-U", "postgres", "-E", "UTF8")
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        options += " -c synchronous_commit=off -c full_page_writes=off"
        log = f"{folder}/log"
        run(binaries / "pg_ctl", "-D", data, "-l", log, "-w", "-o", options, "start")
        try:
            yield f"postgres://postgres@127.0.0.1:{port}/postgres"
        finally:
            run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop")


@contextmanager
def redis_server():
    """The address of an empty Redis that keeps nothing."""
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with tempfile.TemporaryDirectory(prefix="hktalent-redis-") as folder:
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
        try:
            wait_for(lambda: redis.Redis(port=port).ping(), seconds=10, expected=redis.ConnectionError)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.kill()
            process.wait()


@contextmanager
def worker(environment):
    """A Celery worker, as `processes` of tests/conftest.py says where its services are."""
    command = [sys.executable, "-m", "celery", "-A", "hktalent", "worker", "--concurrency", "2"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        kill(process)


def kill(process):
    """kill -9 of the worker with its pool."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(condition, *, seconds, expected=()):
    """What `condition` returns as soon as that is true; fails the test after so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if result := condition():
                return result
        except expected:
            pass
        time.sleep(0.05)
    pytest.fail(f"not true within {seconds} seconds: {condition}")
