"""The options of one import, validated together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, Self
from zoneinfo import ZoneInfo

from risksentinel.errors import Misconfigured
from risksentinel.payment_files.column_names import TARGETS

MAX_BATCH_SIZE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """One import: which file, how its rows are read, where payments are sent."""

    file: Path
    format_name: str | None = None
    columns: Mapping[str, str]
    constants: Mapping[str, str]
    timezone: ZoneInfo | None = None
    epoch: Literal["s", "ms"] | None = None
    id_prefix: str = ""
    skip: int = 0
    limit: int | None = None
    batch_size: int = 200
    url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    connections: int = 1
    rejects: Path | None = None
    strict: bool = False
    learn_only: bool | None = None  # None: not given

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """Build the options from the values of the command line.

        Raises:
            Misconfigured: a value is wrong, or two values contradict each other.
        """
        columns, constants = pairs("--map", given["maps"]), pairs("--set", given["sets"])
        plain = {name: value for name, value in given.items() if name not in {"maps", "sets"}}
        zone = zone_of(plain.pop("timezone"))
        options = cls(columns=columns, constants=constants, timezone=zone, **plain)
        options.refuse_contradictions()
        return options

    def refuse_contradictions(self) -> None:
        """Raise Misconfigured with every contradiction."""
        faults = [
            f"{target} is given by --map and by --set: remove one of them"
            for target in TARGETS
            if target in self.columns and target in self.constants
        ]
        if "id" in self.constants:
            faults.append("--set id=… would give every payment the same id: remove the option")
        if self.connections > 1 and self.url is None:
            faults.append(
                "--connections needs --url: the engine in this process handles one batch at a time"
            )
        if self.rejects is not None and self.rejects.resolve() == self.file.resolve():
            faults.append("--rejects would overwrite the payments: give another file")
        if faults:
            raise Misconfigured("; ".join(faults))


def pairs(option: str, texts: Iterable[str]) -> dict[str, str]:
    """Parse TARGET=VALUE, each target once. Raises Misconfigured."""
    found: dict[str, str] = {}
    for text in texts:
        target, equals, value = (part.strip() for part in text.partition("="))
        if not (equals and value) or target not in TARGETS:
            raise Misconfigured(
                f"{option} {text}: give {option} TARGET=… with one of {', '.join(TARGETS)}"
            )
        if target in found:
            raise Misconfigured(f"{option} gives {target} twice: remove one of them")
        found[target] = value
    return found


def zone_of(name: str | None) -> ZoneInfo | None:
    """The time zone of that name. Raises Misconfigured."""
    try:
        return None if name is None else ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise Misconfigured(
            f"--timezone {name} is not a time zone: give a name like Africa/Johannesburg"
        ) from None
