"""Settles the archives that documents are: the same content gives the same bytes, whenever it was written."""

import io
import zipfile

FIRST = (1980, 1, 1, 0, 0, 0)
"""The first moment an archive can name."""


def settled(archive: bytes) -> bytes:
    """Write an archive again without the moments at which its parts were written."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as read, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for part in read.infolist():
            fresh = zipfile.ZipInfo(part.filename, FIRST)
            fresh.compress_type, fresh.external_attr = zipfile.ZIP_DEFLATED, part.external_attr
            written.writestr(fresh, read.read(part.filename))
    return out.getvalue()
