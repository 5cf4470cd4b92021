"""What each subject weighs as a package for Lambda: files, zip, distributions."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.subject import Figure, Subject

TABLE = "Size"
MEGABYTE = 1_000_000


def figures(subjects: Sequence[Subject], bare: Sequence[Subject]) -> list[Figure]:
    """Of the packages with byte code, and of the copies without; there is nothing to repeat."""
    with ThreadPoolExecutor() as threads:  # zlib works outside of the interpreter's lock
        kinds = [(subject, "with byte code") for subject in subjects]
        kinds += [(subject, "without byte code") for subject in bare]
        rows = threads.map(lambda kind: list(_weigh(*kind)), kinds)
        weights = [row for rows_of_one in rows for row in rows_of_one]
    return [*weights, *(_distributions(subject) for subject in subjects)]


def _weigh(subject: Subject, form: str) -> Iterator[Figure]:
    for what, size in (("installed", installed(subject.folder)), ("zip", zipped(subject.folder))):
        yield _exactly(f"{what}, {form}", subject, "MB", size / MEGABYTE)


def _distributions(subject: Subject) -> Figure:
    return _exactly("distributions", subject, "", distributions(subject.folder))


def installed(folder: Path) -> int:
    """Bytes of all files."""
    return sum(file.stat().st_size for file in _files(folder))


def zipped(folder: Path) -> int:
    """Bytes of the zip that sam makes of it: deflated, with no time in it."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as written:
        for file in _files(folder):
            entry = zipfile.ZipInfo(str(file.relative_to(folder)))
            entry.external_attr = 0o100755 << 16
            written.writestr(entry, file.read_bytes(), compress_type=zipfile.ZIP_DEFLATED)
    return archive.getbuffer().nbytes


def distributions(folder: Path) -> int:
    return sum(1 for _ in folder.glob("*.dist-info"))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _exactly(what: str, subject: Subject, unit: str, value: float) -> Figure:
    return Figure.of(TABLE, what, subject.key, unit, [value])
