"""The processes of pods, which this machine sees as its own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")


def of_pod(uid: str, program: bytes) -> list[int]:
    """The processes of a pod that run this program, the first of them first."""
    return sorted(
        pid
        for pid, folder in _all()
        if _names(_read(folder / "cgroup"), uid) and program in _read(folder / "cmdline")
    )


def _all() -> Iterator[tuple[int, Path]]:
    return ((int(each.name), each) for each in _PROC.iterdir() if each.name.isdigit())


def _names(cgroups: bytes, uid: str) -> bool:
    """Whether these control groups are the pod's: systemd's have underscores."""
    return f"pod{uid}".encode() in cgroups.replace(b"_", b"-")


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""  # it has ended
