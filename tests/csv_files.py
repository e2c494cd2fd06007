"""CSV files for tests of importers, without a disk."""

import gzip
import io

from recommender.skills.importing.results import Rejects


class CsvFile(io.BytesIO):
    """An upload: bytes with a name."""

    def __init__(self, content, name="file.csv"):
        super().__init__(content.encode() if isinstance(content, str) else content)
        self.name = name


def zipped(content, name="file.csv.gz"):
    return CsvFile(gzip.compress(content.encode()), name)


def problems(importer, *args, **options):
    """(line, column, value) of each row that an importer turns away, and the reasons as one text."""
    rejects = Rejects()
    importer(*args, rejects=rejects, **options)
    places = [(problem.line, problem.column, problem.value) for problem in rejects.problems]
    return places, "\n".join(problem.reason for problem in rejects.problems)
