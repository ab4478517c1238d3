"""Write everybody who is on the list as CSV, which an import takes back."""

import csv
import os
from pathlib import Path
from typing import TextIO

from digest.actions.ports import Audience
from digest.audience.export import line_of
from digest.audience.shapes import OWN
from digest.errors import OutsideFailure


def export_to(file: TextIO, audience: Audience) -> int:
    """Write everybody to an open file; return how many they are."""
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(OWN)
    written = 0
    for kept in audience.everybody():
        rows.writerow(line_of(kept))
        written += 1
    return written


def export_list(audience: Audience, path: Path) -> int:
    """Write everybody to a file that only its owner may read, wholly or not at all; return how many they are."""
    new = path.with_name(f".{path.name}.new")
    try:
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            number = export_to(file, audience)
        new.replace(path)
    except FileNotFoundError as error:
        raise OutsideFailure(f"{path} cannot be written: there is no folder {path.parent}", "Make it first.") from error
    except OSError as error:
        raise OutsideFailure(f"{path} cannot be written: {error.strerror}", "Mend its rights or free space.") from error
    return number
