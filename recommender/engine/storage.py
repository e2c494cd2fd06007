"""Keeps a model's state in one .npz file whose matrices are memory-mapped when read.

`numpy.load` reads such files too, but copies each array into memory. Here the arrays lie uncompressed and
aligned in the file, so that many processes share one copy of a large matrix and opening it costs next to
nothing.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping
from os import PathLike
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

# Bytes. Compiled code copies an array that does not start at a multiple of its item size.
ALIGNMENT = 64
# Bytes, from the ZIP specification (APPNOTE.TXT), sections 4.3.7, 4.5.3 and 4.5.1.
LOCAL_HEADER, ZIP64_FIELD, FIELD_HEADER = 30, 20, 4
# Identifies the padding field; the one that Android's zipalign uses for the same purpose.
PADDING_FIELD = 0xD935


def save_state(path: str | PathLike[str], state: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays to an .npz file. The same state gives the same bytes, whenever it is written."""
    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted(state):
            entry = zipfile.ZipInfo(f"{name}.npy")  # dated 1980 unless told otherwise
            header = LOCAL_HEADER + len(entry.filename.encode()) + ZIP64_FIELD
            entry.extra = _padding(archive.start_dir + header)
            with archive.open(entry, "w", force_zip64=True) as member:
                npy.write_array(member, np.asarray(state[name]), allow_pickle=False)


def load_state(path: str | PathLike[str]) -> dict[str, NDArray[Any]]:
    """Arrays of a file written by `save_state`: matrices memory-mapped and read-only, the rest in memory.

    Raises
    ------
    ValueError
        If the file is not one that `save_state` wrote.
    """
    try:
        with open(path, "rb") as file, zipfile.ZipFile(file) as archive:
            return {entry.filename.removesuffix(".npy"): _read(file, entry) for entry in archive.infolist()}
    except (zipfile.BadZipFile, struct.error, ValueError) as error:
        raise ValueError(f"{path} is not a stored model: {error}") from error


def _padding(start: int) -> bytes:
    """An extra field that moves what would start at `start` to a multiple of `ALIGNMENT`."""
    n_zeros = -(start + FIELD_HEADER) % ALIGNMENT
    return struct.pack("<HH", PADDING_FIELD, n_zeros) + bytes(n_zeros)


def _read(file: IO[bytes], entry: zipfile.ZipInfo) -> NDArray[Any]:
    if entry.compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{entry.filename} is compressed")
    file.seek(entry.header_offset)
    n_name, n_extra = struct.unpack("<HH", file.read(LOCAL_HEADER)[-4:])
    start = entry.header_offset + LOCAL_HEADER + n_name + n_extra
    file.seek(start)
    npy.read_magic(file)
    shape, is_fortran, dtype = npy.read_array_header_1_0(file)
    if len(shape) < 2:
        file.seek(start)
        array: NDArray[Any] = npy.read_array(file, allow_pickle=False)
        return array
    return np.asarray(np.memmap(file.name, dtype, "r", file.tell(), shape, order="F" if is_fortran else "C"))
