"""Searches the locked packages for known vulnerabilities: `make audit`.

Exit code 0: none known. 1: at least one. 2: the advisories of a package could not be read.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

LOCK: Final = "infra/locks/run.lock"
_COMMAND: Final = (
    *(sys.executable, "-m", "pip_audit", "--requirement", LOCK, "--require-hashes"),
    *("--disable-pip", "--progress-spinner", "off", "--format", "json"),
)


@dataclass(frozen=True, slots=True)
class Findings:
    """The vulnerabilities, as text, and the packages whose advisories could not be read."""

    vulnerable: tuple[str, ...]
    unread: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """The exit code of the command."""
        if self.vulnerable:
            return 1
        return 2 if self.unread else 0

    def lines(self) -> list[str]:
        """The report."""
        report = list(self.vulnerable)
        if self.unread:
            report.append(
                f"the advisories of {len(self.unread)} packages could not be read: run this where "
                f"the advisories of PyPI can be reached ({', '.join(self.unread[:3])}, ...)"
            )
        return report or ["no known vulnerability"]


def findings_of(report: dict[str, Any]) -> Findings:
    """Read the JSON report of pip-audit; a skipped package is not a safe one."""
    packages = report["dependencies"]
    vulnerable = [
        f"{package['name']} {package['version']}: {found['id']}, fixed in "
        f"{', '.join(found['fix_versions']) or 'no release'}"
        for package in packages
        for found in package.get("vulns", ())
    ]
    unread = [package["name"] for package in packages if "skip_reason" in package]
    return Findings(tuple(vulnerable), tuple(unread))


def main(command: Sequence[str] = _COMMAND) -> int:
    """Run pip-audit and print its findings."""
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    try:
        findings = findings_of(json.loads(ran.stdout))
    except (json.JSONDecodeError, KeyError):
        sys.stderr.write(f"pip-audit wrote no report: {ran.stderr.strip()[-500:]}\n")
        return 2
    sys.stdout.write("\n".join([*findings.lines(), ""]))
    return findings.exit_code


if __name__ == "__main__":
    sys.exit(main())
