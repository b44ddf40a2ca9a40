import pytest

from infra.cluster_tests.images import package_of


@pytest.mark.parametrize(
    ("path", "package"),
    [
        ("app/functions/score/main.py", "risksentinel"),
        ("venv/lib/python3.11/site-packages/numpy/core/a.so", "numpy"),
        ("venv/lib/python3.11/site-packages/six.py", "six.py"),
        ("venv/bin/gunicorn", "venv"),
        ("usr/lib/x86_64-linux-gnu/libc.so.6", None),
    ],
)
def test_a_file_counts_for_its_package(path: str, package: str | None) -> None:
    """Files of the base image are not counted."""
    assert package_of(path) == package
