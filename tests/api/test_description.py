"""The OpenAPI description: valid, served with its pages from this site, and true."""

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, settings
from rest_framework.throttling import SimpleRateThrottle
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from hktalent.wsgi import application

TRUE_TO_THE_DESCRIPTION = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
CSRF_TOKEN = "c" * 32


def test_the_description_is_valid_and_has_no_warnings(tmp_path):
    file = str(tmp_path / "schema.yml")
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", file)


def test_swagger_ui_comes_from_this_site_alone(client, db):
    page = client.get("/api/v1/docs/")
    assert page.status_code == 200
    assert b"://" not in page.content
    assert "script-src 'self';" in page["Content-Security-Policy"] + ";"
    assert client.get("/api/v1/docs/?script=").status_code == 200


@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_an_address_that_is_none_is_a_problem(client, method):
    answer = getattr(client, method)("/api/v1/nowhere/at/all/")
    assert answer.status_code == 404
    assert answer.json() == {"status": 404, "title": "Not found.", "errors": []}


@pytest.mark.django_db
def test_too_many_requests_are_turned_away(client, monkeypatch):
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"anon": "2/min", "user": "2/min"})
    answers = [client.get("/api/v1/skills/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].json()["status"] == 429


description = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(public=True))
description.app = application


@description.parametrize()
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_every_answer_is_as_described(case, cast, in_process):
    cookies = {"sessionid": cast["superuser"].session.session_key, "csrftoken": CSRF_TOKEN}
    # The client that calls in process unpacks nothing.
    headers = {"X-CSRFToken": CSRF_TOKEN, "Accept-Encoding": "identity"}
    case.call_and_validate(cookies=cookies, headers=headers, checks=TRUE_TO_THE_DESCRIPTION)


@pytest.fixture
def in_process(monkeypatch):
    """No limits on requests, and the test's own transaction stays open from one to the next."""
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"anon": None, "user": None, "pathways": None})
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
