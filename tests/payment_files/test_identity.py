import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.payment_files.bench import (
    FakeSink,
    FileImport,
    MakeRow,
    Write,
    anonymous,
    counts,
    payment,
)


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet"])
@pytest.mark.parametrize("row", [payment, anonymous])
def test_running_it_twice_changes_nothing(
    import_file: FileImport,
    sink: FakeSink,
    write: Write,
    suffix: str,
    row: MakeRow,
) -> None:
    """An interrupted import is simply repeated."""
    file = write(f"payments.{suffix}", [row(n) for n in range(9)])
    import_file(file)
    first = dict(sink.known)

    code = import_file(file.rename(file.with_name(f"copy.{suffix}")))

    assert code == 0
    assert sink.known == first
    assert len(first) == 9
    assert counts(import_file.text)["already known"] == "9"
    assert counts(import_file.text)["accepted (new)"] == "0"


@settings(max_examples=25, deadline=None, suppress_health_check=[*HealthCheck])
@given(skip=st.integers(0, 9), limit=st.integers(1, 9))
def test_a_payment_has_the_same_id_for_every_skip_and_limit(
    import_file: FileImport, sink: FakeSink, write: Write, skip: int, limit: int
) -> None:
    """A file may be sent in overlapping pieces."""
    file = write("payments.jsonl", [anonymous(n) for n in range(9)])
    import_file(file)
    whole = sink.sent[:9]
    sink.batches.clear()

    import_file(file, skip=skip, limit=limit)

    assert sink.sent == whole[skip : skip + limit]
    sink.batches.clear()
    sink.known.clear()


def test_values_of_set_are_not_part_of_an_id(
    import_file: FileImport, sink: FakeSink, write: Write
) -> None:
    """Another channel for the same row is a conflict, not a second payment."""
    file = write("payments.jsonl", [anonymous(0)])
    import_file(file, sets=("channel=atm",))

    code = import_file(file, sets=("channel=pos",))

    assert code == 1
    assert len(sink.known) == 1
    assert "id: is another payment's" in import_file.text
    assert "--id-prefix" in import_file.text


def test_a_prefix_distinguishes_two_files(
    import_file: FileImport, sink: FakeSink, write: Write
) -> None:
    """Two files may number their payments alike."""
    file = write("payments.csv", [payment(1)])

    import_file(file)
    import_file(file, id_prefix="may-")

    assert set(sink.known) == {"T1", "may-T1"}
