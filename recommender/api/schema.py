"""What the OpenAPI description says beyond the views: how `errors.handle_exception` words a problem."""

FAULT = {
    "type": "object",
    "properties": {
        "field": {"type": "string", "description": "Empty when it is about the whole input."},
        "message": {"type": "string"},
    },
    "required": ["field", "message"],
}
PROBLEM = {
    "type": "object",
    "properties": {
        "status": {"type": "integer"},
        "title": {"type": "string"},
        "errors": {"type": "array", "items": FAULT},
    },
    "required": ["status", "title", "errors"],
}
DEFAULT = {
    "description": "A problem",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def describe_problems(result, generator, request, public):
    """A hook of drf-spectacular: whatever is not an operation's own answer is a problem."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = DEFAULT
    return result
