"""differences: the members in which two receipts differ, to the last digit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from typing_extensions import override

ABSENT: Final = "absent"


@dataclass(frozen=True, slots=True)
class Difference:
    """One member: its path, and its value as stored and as computed."""

    path: str
    stored: object
    computed: object

    @override
    def __str__(self) -> str:
        return f"{self.path}: stored {self.stored!r}, computed {self.computed!r}"


def differences(stored: object, computed: object, path: str = "") -> Iterator[Difference]:
    """Yield a difference for each member that is not equal, with its type; both are JSON."""
    if isinstance(stored, Mapping) and isinstance(computed, Mapping):
        for name in dict.fromkeys([*stored, *computed]):
            inner = f"{path}.{name}".removeprefix(".")
            yield from differences(stored.get(name, ABSENT), computed.get(name, ABSENT), inner)
    elif isinstance(stored, list) and isinstance(computed, list) and len(stored) == len(computed):
        for place, (one, other) in enumerate(zip(stored, computed, strict=True)):
            yield from differences(one, other, f"{path}[{place}]")
    elif type(stored) is not type(computed) or stored != computed:
        yield Difference(path, stored, computed)
