"""Counts queries: a page may ask no more of 20 rows than of one."""

from django.db import connection
from django.test.utils import CaptureQueriesContext


def count_queries(client, address):
    """Queries of a second visit: the first one fills the caches of content types and the like."""
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.get(address)
    assert response.status_code == 200, response.content[:500]
    return len(queries)
