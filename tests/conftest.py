"""What every test stands on: a PostgreSQL of its own where there is one, and a folder for written files."""

import os
import shutil
from contextlib import nullcontext

import dj_database_url
import pytest
import redis
from django.db import connection, connections
from hypothesis import settings as hypothesis_settings

from tests import services

# Where a change is judged, the same examples are tried each time; elsewhere new ones.
hypothesis_settings.register_profile("judged", derandomize=True)
if services.REQUIRED:
    hypothesis_settings.load_profile("judged")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """Points Django at a fresh PostgreSQL, unless DATABASE_URL names a database or none is installed."""
    use_settings = "DATABASE_URL" in os.environ
    if not use_settings and services.postgres_binaries() is None:
        if services.REQUIRED:
            pytest.fail("PostgreSQL is not installed on this machine")
        use_settings = True
    with nullcontext() if use_settings else services.postgres() as address:
        if address:
            point_django_at(address)
        yield


def point_django_at(address):
    parsed = {"default": dj_database_url.parse(address)}
    connections.settings["default"].clear()
    connections.settings["default"].update(connections.configure_settings(parsed)["default"])
    if hasattr(connections._connections, "default"):
        del connections["default"]


@pytest.fixture(autouse=True)
def var(settings, tmp_path):
    """Files that the product writes go to the test's own folder."""
    settings.VAR = tmp_path / "var"
    return settings.VAR


@pytest.fixture(scope="session")
def redis_url():
    if not shutil.which("redis-server"):
        services.missing("redis-server")
    with services.redis_server() as address:
        yield address


@pytest.fixture
def processes(transactional_db, redis_url, var):
    """Environment of processes of their own that share the test's database, Redis and files."""
    if connection.vendor == "sqlite":
        services.missing("PostgreSQL, which several processes share,")
    settings = connection.settings_dict
    address = f"postgres://{settings['USER']}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    return os.environ | {"DATABASE_URL": address, "REDIS_URL": redis_url, "HKTALENT_VAR": str(var)}
