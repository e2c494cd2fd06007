"""How this package compiles its loops, and how it shares them among the cores.

Loops that NumPy cannot express without memory traffic are compiled by Numba. They release the interpreter's
lock and are called on parts that do not overlap, so that threads can share the work; each figure is summed in
one fixed order, whatever the number of threads.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any, TypeVar

import numba

Result = TypeVar("Result")

# Numba keeps machine code beside the source, or in the user's cache folder where that is read-only.
compiled: Any = numba.njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract", "nsz"})


def n_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_parallel(
    function: Callable[..., Result], parts: Iterable[tuple[Any, ...]], executor: Executor | None = None
) -> list[Result]:
    """`function(*part)` of each part, in the order of the parts; on threads of this process by default.

    `executor` follows `concurrent.futures.Executor`: a pool of processes, or a cluster's. What it is given
    must then be fit for pickling.
    """
    parts = list(parts)
    if executor is not None:
        futures = [executor.submit(function, *part) for part in parts]
        return [future.result() for future in futures]
    if len(parts) == 1:
        return [function(*parts[0])]
    with ThreadPoolExecutor(n_cores()) as threads:
        return [future.result() for future in [threads.submit(function, *part) for part in parts]]
