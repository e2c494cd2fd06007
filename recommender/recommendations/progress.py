"""Says on the run's row how far it is and that its process is alive."""

import threading
import time
from contextlib import contextmanager
from datetime import timedelta

from django.db import DatabaseError, connection
from django.utils import timezone

from recommender.recommendations.models import Run

BEAT_SECONDS = 5
# Linear algebra on a large catalogue may keep the beating thread waiting for a minute or two.
STALLED_AFTER = timedelta(minutes=5)
WRITE_SECONDS = 1


class RunLostError(Exception):
    """The run's row is no longer this process's: it was declared failed, or deleted."""


class Progress:
    """Stage, done and total of a run: on its row at most once a second, and to `report` at every call."""

    def __init__(self, run_id, report=None):
        self.run_id, self.report = run_id, report
        self.stage, self.total, self.written_at = None, 0, 0.0

    def begin(self, stage, total=1):
        self.stage, self.total, self.written_at = stage, total, 0.0
        self.reached(0)

    def reached(self, done):
        """Raises RunLostError when the run has been taken from this process."""
        if self.report:
            self.report(self.stage, done, self.total)
        if time.monotonic() - self.written_at >= WRITE_SECONDS or done == self.total:
            self.written_at = time.monotonic()
            hold(self.run_id, stage=self.stage, done=done, total=self.total)


def hold(run_id, **fields):
    """Writes fields on the row of a run under way. Raises RunLostError when it is no longer that."""
    if not Run.objects.active().filter(pk=run_id).update(heartbeat_at=timezone.now(), **fields):
        raise RunLostError(f"Run {run_id} was taken from this process: it is no longer running.")


@contextmanager
def heartbeat(run_id):
    """Keeps the run's heartbeat fresh from a thread, through stages that report nothing for minutes."""
    finished = threading.Event()
    thread = threading.Thread(target=_beat, args=(run_id, finished), daemon=True)
    thread.start()
    try:
        yield
    finally:
        finished.set()
        thread.join()


def _beat(run_id, finished):
    while not finished.wait(BEAT_SECONDS):
        try:
            Run.objects.active().filter(pk=run_id).update(heartbeat_at=timezone.now())
        except DatabaseError:
            # The next beat may get through; if none does, the run is rightly declared stalled.
            connection.close()
    connection.close()
