"""A short name for what a computation is given, so that its result can be found again."""

import hashlib
from dataclasses import fields, is_dataclass

import numpy as np
from scipy.sparse import issparse


def fingerprint(*values):
    """Hexadecimal SHA-256 of dataclasses, sequences, arrays, sparse arrays and what repr() tells apart."""
    digest = hashlib.sha256()
    for value in values:
        for part in _parts(value):
            digest.update(part)
    return digest.hexdigest()


def _parts(value):
    """Bytes; each thing says how long it is, so that two neighbours are not taken for one."""
    if is_dataclass(value):
        value = [getattr(value, field.name) for field in fields(value)]
    elif issparse(value):
        value = [value.shape, value.indptr, value.indices, value.data]
    if isinstance(value, np.ndarray):
        yield f"{value.dtype}{value.shape}".encode()
        yield np.ascontiguousarray(value).tobytes()
    elif isinstance(value, list | tuple):
        yield f"{len(value)} things:".encode()
        for each in value:
            yield from _parts(each)
    else:
        yield f"{value!r};".encode()
