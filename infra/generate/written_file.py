"""A file in the repository that a command writes from the code, and can hold against it."""

import sys
from pathlib import Path


def write_or_compare(path: Path, written: str, arguments: list[str], command: str) -> int:
    """Write the file, or with `--check` compare it; answers 1 where it is not current.

    `command` is what writes the file anew: a reader of the failure runs it.
    """
    if arguments != ["--check"]:
        path.write_text(written, encoding="utf-8")
        return 0
    if path.exists() and path.read_text(encoding="utf-8") == written:
        return 0
    sys.stderr.write(f"{path} is not current: run `{command}`\n")
    return 1
