"""One contract for the folder, MinIO and versitygw: the conditions that a registry relies on."""

import pytest

from risksentinel.adapters.models.model_objects import Objects
from risksentinel.adapters.objects import s3
from risksentinel.errors import Malformed


def test_what_is_unchanged_is_not_read_again(objects: Objects, name: str) -> None:
    """Every process asks for the pointer every few seconds."""
    objects.add(f"models/{name}/current.json", b"v1")
    first = objects.read(f"models/{name}/current.json", 9)

    again = objects.read(f"models/{name}/current.json", 9, first)

    assert first is not None
    assert again is first
    objects.replace(f"models/{name}/current.json", b"v2", first)
    changed = objects.read(f"models/{name}/current.json", 9, first)
    assert changed is not None
    assert changed.body == b"v2"


def test_what_is_there_is_not_added(objects: Objects, name: str) -> None:
    """The storage itself keeps versions immutable, for every writer."""
    first = objects.add(f"models/{name}/v1/model.onnx", b"first")

    second = objects.add(f"models/{name}/v1/model.onnx", b"second")

    assert (first, second) == (True, False)
    kept = objects.read(f"models/{name}/v1/model.onnx", 9)
    assert kept is not None
    assert kept.body == b"first"


def test_who_has_not_seen_the_latest_does_not_replace_it(objects: Objects, name: str) -> None:
    """Of two promotions that start at the same time, the slower one must read again."""
    key = f"models/{name}/current.json"
    assert objects.replace(key, b"v1", None)
    first = objects.read(key, 9)
    assert objects.replace(key, b"v2", first)

    late = objects.replace(key, b"v3", first)
    blind = objects.replace(key, b"v3", None)

    assert (late, blind) == (False, False)
    kept = objects.read(key, 9)
    assert kept is not None
    assert kept.body == b"v2"


def test_what_vanished_is_not_replaced(objects: Objects, name: str) -> None:
    """A replacement needs the object that was read."""
    key = f"models/{name}/current.json"
    objects.add(f"{key}.seen", b"v1")
    seen = objects.read(f"{key}.seen", 9)

    done = objects.replace(key, b"v2", seen)

    assert not done
    assert objects.read(key, 9) is None


def test_no_more_is_read_than_asked_for(objects: Objects, name: str) -> None:
    """A file that was replaced by a huge one must not fill the memory."""
    objects.add(f"models/{name}/current.json", b"0123456789")

    with pytest.raises(Malformed, match="larger than 9 bytes"):
        objects.read(f"models/{name}/current.json", 9)


def test_keys_come_over_any_number_of_pages(
    objects: Objects, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S3 lists a thousand keys at most in one answer."""
    monkeypatch.setattr(s3, "KEYS_A_PAGE", 2)
    keys = {f"models/{name}/v{number}/manifest.json" for number in range(5)}
    for key in keys:
        objects.add(key, b"{}")
    objects.add(f"models/{name}-2/v1/manifest.json", b"{}")

    found = objects.keys(f"models/{name}")

    assert len(found) == len(keys)
    assert set(found) == keys


def test_originals_have_what_was_stored_first(objects: Objects, name: str) -> None:
    """Without versions that is what is stored; `tests/ledger/test_object_lock.py` has versions."""
    for number in range(3):
        objects.add(f"models/{name}/{number}.json", f"v{number}".encode())

    found = dict(objects.originals(f"models/{name}", 9))

    assert found == {f"models/{name}/{number}.json": f"v{number}".encode() for number in range(3)}
    assert dict(objects.originals(f"models/{name}-none", 9)) == {}
    with pytest.raises(Malformed):
        list(objects.originals(f"models/{name}", 1))


def test_what_is_removed_is_gone_and_may_be_added_again(objects: Objects, name: str) -> None:
    """What a finished command no longer needs has account numbers; its neighbours stay."""
    key, neighbour = f"{name}/run/part/1.parquet", f"{name}/other.parquet"
    objects.add(key, b"first")
    objects.add(neighbour, b"kept")

    objects.remove(key)
    objects.remove(key)

    assert objects.keys(name) == [neighbour]
    assert objects.read(key, 9) is None
    assert objects.add(key, b"second")
