"""Where the scenarios are, and how wide a table is where the output is no terminal."""

from pathlib import Path
from typing import Final

OURS: Final = Path(__file__).parents[2] / "tests" / "scenarios"
LOG_WIDTH: Final = 160  # columns
