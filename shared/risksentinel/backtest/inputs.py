"""Inputs: everything that the result of a backtest depends on, except payments and labels."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from risksentinel.errors import Rejected

CANDIDATE: Final = "candidate"
COMPARED: Final = "compared"
STORED: Final = "stored"  # in place of the contents to compare with: the stored decisions
_FILE: Final = "inputs.json"
_MAX_BYTES: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Inputs:
    """One JSON document; see `prepare.py` for its members."""

    document: Mapping[str, Any]

    def policy(self, side: str) -> Mapping[str, Any] | None:
        """The contents of the policy of a side; None for the stored decisions."""
        found: Mapping[str, Any] | None = self.document["policies"][side]["contents"]
        return found

    def name(self, side: str) -> str:
        """The name of the policy of a side, as the operator gave it."""
        return str(self.document["policies"][side]["name"])

    @property
    def sides(self) -> tuple[str, ...]:
        """The sides to decide: one if both have the same policy."""
        same = self.policy(CANDIDATE) == self.policy(COMPARED)
        return (CANDIDATE,) if same else (CANDIDATE, COMPARED)

    def moment(self, name: str) -> datetime:
        """A time of the document."""
        return datetime.fromisoformat(self.document[name])


def stored_inputs(folder: Path) -> Inputs | None:
    """The inputs of a backtest that was stopped; None without one.

    Raises:
        Rejected: the file is damaged.
    """
    path = folder / _FILE
    if not path.exists():
        return None
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(_MAX_BYTES))
    except ValueError as fault:
        raise Rejected(f"{path} is damaged: delete the folder {folder}") from fault
    return Inputs(found)


def store(inputs: Inputs, folder: Path) -> None:
    """Store the inputs, readable by the owner only; the file appears whole."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = folder / "inputs.part"
    part.touch(0o600)
    with part.open("w", encoding="utf-8") as file:
        json.dump(dict(inputs.document), file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(folder / _FILE)


def refuse_others(inputs: Inputs, before: Inputs, folder: Path) -> None:
    """Raise Rejected unless both are equal, with the members that differ."""
    others = differing(inputs, before)
    if others:
        raise Rejected(
            f"{folder.parent} has a backtest that was stopped, with another "
            f"{', '.join(others)}: delete the folder {folder}, or give another --out"
        )


def differing(inputs: Inputs, before: Inputs) -> list[str]:
    """The names of the members that differ."""
    now, then = _as_json(inputs.document), before.document
    return sorted(name for name in now.keys() | then.keys() if now.get(name) != then.get(name))


def _as_json(document: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(json.dumps(dict(document)))
    return found
