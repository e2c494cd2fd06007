"""Settings are read strictly, and production refuses what is unsafe."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SAFE = {
    "HKTALENT_ENVIRONMENT": "production",
    "SECRET_KEY": "k7" * 40,
    "ALLOWED_HOSTS": "talent.example.hk",
}


def check(tmp_path, *words, **environment):
    """`manage.py check` in a process of its own that knows only these variables."""
    known = {"PATH": os.environ["PATH"], "HKTALENT_VAR": str(tmp_path)}
    return subprocess.run(
        [sys.executable, "manage.py", "check", *words],
        cwd=Path(__file__).parent.parent,
        env=known | environment,
        capture_output=True,
        text=True,
    )


def test_development_needs_no_settings(tmp_path):
    assert check(tmp_path).returncode == 0


def test_mail_goes_to_the_console_unless_a_server_is_named(tmp_path):
    environment = {"PATH": os.environ["PATH"], "HKTALENT_VAR": str(tmp_path)}
    code = "from django.conf import settings; print(settings.EMAIL_BACKEND)"
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
    result = subprocess.run(
        command, cwd=Path(__file__).parent.parent, env=environment, capture_output=True, text=True
    )
    assert result.stdout.strip() == "django.core.mail.backends.console.EmailBackend"


def test_a_cluster_needs_its_client(tmp_path):
    environment = {"HKTALENT_DASK_SCHEDULER": "tcp://127.0.0.1:8786"}
    assert check(tmp_path, **environment).returncode == 0
    program = (
        "import importlib.util as u; found = u.find_spec;"
        "u.find_spec = lambda name, *rest: None if name == 'distributed' else found(name, *rest);"
        "from django.core.management import execute_from_command_line as run; run(['manage.py', 'check'])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parent.parent,
        env={
            "PATH": os.environ["PATH"],
            "HKTALENT_VAR": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "hktalent.settings",
        }
        | environment,
        capture_output=True,
        text=True,
    )
    assert "Dask is not installed" in result.stderr
    assert result.returncode != 0


def test_safe_production_settings_are_accepted(tmp_path):
    result = check(tmp_path, **SAFE)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SECRET_KEY", "", "SECRET_KEY must be set"),
        ("SECRET_KEY", "short", "50 random characters"),
        ("SECRET_KEY", "development-only-and-refused-in-production", "SECRET_KEY must be set"),
        ("DEBUG", "true", "DEBUG must be false"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS must name each host"),
        ("ALLOWED_HOSTS", "talent.example.hk,*.example.hk", "ALLOWED_HOSTS must name each host"),
        ("ALLOWED_HOSTS", ".example.hk", "ALLOWED_HOSTS must name each host"),
    ],
)
def test_production_refuses_unsafe_settings(tmp_path, name, value, says):
    result = check(tmp_path, **SAFE | {name: value})
    assert result.returncode != 0
    assert says in result.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "perhaps"),
        ("HKTALENT_ENVIRONMENT", "prod"),
        ("LOG_LEVEL", "LOUD"),
        ("DATABASE_URL", "nonsense"),
        ("EMAIL_URL", "consolemail://"),
        ("HKTALENT_RETENTION_MONTHS", "-1"),
        ("HKTALENT_RETENTION_MONTHS", "two"),
        ("HKTALENT_VAR", "/dev/null/var"),
    ],
)
def test_a_value_that_cannot_be_read_stops_the_process_and_is_named(tmp_path, name, value):
    result = check(tmp_path, **{name: value})
    assert result.returncode != 0
    assert name in result.stderr


def test_deploying_without_redis_is_warned_of(tmp_path):
    result = check(tmp_path, "--deploy", **SAFE)
    assert "REDIS_URL" in result.stderr
    assert "REDIS_URL" not in check(tmp_path, "--deploy", **SAFE, REDIS_URL="redis://127.0.0.1:1/0").stderr
