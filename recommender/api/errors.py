"""One body for every problem (see `schema.PROBLEM`): a status, a title, which fields are at fault and why."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.serializers import as_serializer_error
from rest_framework.views import exception_handler


def handle_exception(error, context):
    """The problem as a response; None for an error that is a fault of ours."""
    if isinstance(error, ValidationError):
        error = exceptions.ValidationError(as_serializer_error(error))
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        title, faults = _("The input is not valid."), list(_faults(response.data))
    else:
        title, faults = response.data["detail"], []
    response.data = {"status": response.status_code, "title": title, "errors": faults}
    return response


def _faults(detail, field=""):
    """The messages of DRF's nested lists and dicts, each with the dotted name of its field."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = "" if name == "non_field_errors" else str(name)
            yield from _faults(inner, ".".join(filter(None, [field, own])))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _faults(inner, field)
    else:
        yield {"field": field, "message": str(detail)}
