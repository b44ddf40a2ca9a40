"""Writes a generated file of the repository, or compares it with the generated text."""

import sys
from pathlib import Path


def write_or_compare(path: Path, written: str, arguments: list[str], command: str) -> int:
    """Write the file, or with `--check` compare it; return 1 if the file is outdated.

    The error names `command`, which updates the file.
    """
    if arguments != ["--check"]:
        path.write_text(written, encoding="utf-8")
        return 0
    if path.exists() and path.read_text(encoding="utf-8") == written:
        return 0
    sys.stderr.write(f"{path} is outdated: run `{command}`\n")
    return 1
