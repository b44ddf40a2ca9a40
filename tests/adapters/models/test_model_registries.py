"""The registry that MODEL_URI opens, and the error for an invalid URI."""

from pathlib import Path

import pytest

from risksentinel.adapters.models.registries import open_registry
from risksentinel.errors import Misconfigured
from tests.adapters.models.versions import release


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "a\0b",
        "gs://bucket",
        "http://host/bucket",
        "S3://bucket",
        "s3://",
        "s3://B",
        "s3://ab",
        "s3://bucket/../x",
        "s3://bucket//x/./y",
        "s3://bucket/a\nb",
        "s3://me:pw@bucket",
    ],
)
def test_an_address_of_another_kind_is_refused(uri: str) -> None:
    """A mistyped address must not become a folder of that name, nor be quoted in logs."""
    with pytest.raises(Misconfigured, match=r"^MODEL_URI must be (like )?s3://bucket") as refused:
        open_registry(uri)

    assert "pw" not in str(refused.value)


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    """The embedded engine starts without a model, and makes the folder with the first."""
    registry = open_registry(str(tmp_path / "later"))

    assert registry.current("forest") is None
    assert not (tmp_path / "later").exists()
    release(registry, "forest", "v1")
    assert registry.current("forest") is not None


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    """Publishing must not end in a traceback of the operating system."""
    (tmp_path / "file").write_text("")

    with pytest.raises(Misconfigured, match="MODEL_URI"):
        release(open_registry(str(tmp_path / "file")), "forest", "v1")


def test_nothing_is_left_in_a_folder_but_the_files(tmp_path: Path) -> None:
    """Temporary files would accumulate on the volume."""
    release(open_registry(str(tmp_path)), "forest", "v1")

    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")}
    assert files - {"models/forest/.current.json.lock"} == {
        "models/forest/current.json",
        "models/forest/v1/manifest.json",
        "models/forest/v1/model.joblib",
        "models/forest/v1/model.onnx",
    }
