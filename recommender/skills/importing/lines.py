"""A CSV file as numbered lines of bounded length, whatever the file holds."""

import codecs
import gzip
import io
import zlib
from collections import deque
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.utils.translation import gettext as _

from recommender.skills.importing.results import ImportRefusedError

MAX_LINE_BYTES = 1_000_000
# A quote that nobody closes would otherwise swallow the rest of the file.
MAX_LINES_IN_A_ROW = 100
SHOWN_OF_A_LONG_LINE = 200
GZIP_MAGIC = b"\x1f\x8b"


class MalformedRowError(ValueError):
    """The lines taken so far cannot be a row."""


class LongLine(str):
    """The beginning of a line that was too long to hold."""


@contextmanager
def open_lines(file):
    """The lines of a path or of a seekable binary stream such as an upload; gzip is seen by its content."""
    if hasattr(file, "read"):
        yield Lines(file, Path(getattr(file, "name", None) or "upload").name)
        return
    with ExitStack() as opened:
        try:
            stream = opened.enter_context(open(file, "rb"))
        except OSError as error:
            raise ImportRefusedError(
                _("%(file)s cannot be opened: %(error)s.") % {"file": file, "error": error.strerror}
            ) from error
        yield Lines(stream, Path(file).name)


class Lines:
    """An iterator over text lines that remembers which lines the present row has taken.

    Bytes that are not UTF-8 become surrogates, so that they reach the rejects file as they came.
    """

    def __init__(self, stored, name):
        self.name = name
        self.number = 0
        self.taken = []
        self._handed_back = deque()
        self._stored = stored
        if not stored.seekable():
            raise ImportRefusedError(_("%s must be a file, not a pipe.") % name)
        self.size = stored.seek(0, io.SEEK_END)
        stored.seek(0)
        is_gzip = stored.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        stored.seek(0)
        self._stream = io.BufferedReader(gzip.GzipFile(fileobj=stored)) if is_gzip else stored

    @property
    def position(self):
        """How many of the `size` stored bytes have been read."""
        return self._stored.tell()

    def begin_row(self):
        self.taken.clear()

    def hand_back_all_but_first(self):
        """Forgets the first line of the present row and offers the later ones again."""
        later = self.taken[1:]
        del self.taken[1:]
        self._handed_back.extendleft(reversed(later))
        self.number -= len(later)

    def __iter__(self):
        return self

    def __next__(self):
        line = self._handed_back.popleft() if self._handed_back else self._read()
        if len(self.taken) == MAX_LINES_IN_A_ROW:
            self._handed_back.appendleft(line)
            raise MalformedRowError
        self.number += 1
        self.taken.append(line)
        if isinstance(line, LongLine):
            raise MalformedRowError
        return line

    def _read(self):
        try:
            line = self._stream.readline(MAX_LINE_BYTES + 1)
            is_long = len(line) > MAX_LINE_BYTES
            part = line
            while is_long and part and not part.endswith(b"\n"):
                part = self._stream.readline(MAX_LINE_BYTES)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ImportRefusedError(
                _("%(file)s: the compressed file is damaged or cut short after line %(line)d; send it again.")
                % {"file": self.name, "line": self.number}
            ) from error
        if not line:
            raise StopIteration
        if not self.number:
            line = line.removeprefix(codecs.BOM_UTF8)
        text = line.decode(errors="surrogateescape")
        return LongLine(text[:SHOWN_OF_A_LONG_LINE]) if is_long else text
