import sys

import pytest

from infra.audit import findings_of, main

SAFE = {"name": "flask", "version": "3.1.2", "vulns": []}
UNREAD = {"name": "redis", "skip_reason": "not found"}
VULNERABLE = {
    "name": "werkzeug",
    "version": "3.0.0",
    "vulns": [{"id": "PYSEC-2024-1", "fix_versions": ["3.0.6"]}],
}


@pytest.mark.parametrize(
    ("packages", "code", "told"),
    [
        ([SAFE], 0, "no known vulnerability"),
        ([SAFE, VULNERABLE], 1, "werkzeug 3.0.0: PYSEC-2024-1, fixed in 3.0.6"),
        ([SAFE, UNREAD], 2, "the advisories of 1 packages could not be read"),
        ([VULNERABLE, UNREAD], 1, "werkzeug 3.0.0"),
    ],
)
def test_a_package_without_advisories_is_not_reported_as_safe(
    packages: list[dict[str, object]], code: int, told: str
) -> None:
    """pip-audit exits with 0 if it could read no advisory at all."""
    findings = findings_of({"dependencies": packages})

    assert findings.exit_code == code
    assert told in findings.lines()[0]


def test_an_audit_that_did_not_run_is_not_a_success(capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code is the result for CI."""
    code = main([sys.executable, "-c", "raise SystemExit('no resolver')"])

    assert (code, "no resolver" in capsys.readouterr().err) == (2, True)
