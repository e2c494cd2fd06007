"""Where the sums of a fit are made: here, or on the cluster that `HKTALENT_DASK_SCHEDULER` names."""

from contextlib import contextmanager

from django.conf import settings

try:
    from distributed import Client
except ImportError:
    Client = None


@contextmanager
def fit_executor():
    """The cluster's executor; None without a cluster."""
    if not settings.DASK_SCHEDULER:
        yield None
        return
    with Client(settings.DASK_SCHEDULER, set_as_default=False) as client, client.get_executor() as executor:
        yield executor
