"""Finds the processes of pods, which are processes of this machine."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")


def of_pod(uid: str, program: bytes) -> list[int]:
    """Return the processes of a pod that run this program, the oldest first."""
    return sorted(
        pid
        for pid, folder in _all()
        if _names(_read(folder / "cgroup"), uid) and program in _read(folder / "cmdline")
    )


def _all() -> Iterator[tuple[int, Path]]:
    return ((int(each.name), each) for each in _PROC.iterdir() if each.name.isdigit())


def _names(cgroups: bytes, uid: str) -> bool:
    """Return whether these control groups belong to the pod; systemd writes underscores."""
    return f"pod{uid}".encode() in cgroups.replace(b"_", b"-")


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""  # the process has ended
