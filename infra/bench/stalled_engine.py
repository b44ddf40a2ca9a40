"""A process with the whole engine, whose model stalls while a file exists.

Servers can be stopped from outside; a model is code in the process.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from time import sleep
from typing import Final

from risksentinel.adapters.models.cached_fraud_model import CachedFraudModel
from risksentinel.cli.serve import serve
from risksentinel.domain.signal import Opinion
from risksentinel.scoring.facts import Facts

STALL_SECONDS: Final = 3.0


def main(flag: Path) -> None:
    """Serve; a run of the model takes STALL_SECONDS while the file exists."""
    usual = CachedFraudModel.risks

    def risks(model: CachedFraudModel, batch: Sequence[Facts]) -> list[Opinion]:
        if flag.exists():
            sleep(STALL_SECONDS)
        return usual(model, batch)

    CachedFraudModel.risks = risks  # type: ignore[assignment, method-assign]  # no other way
    serve(["--no-decisions"])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
