"""One contract for the folder, MinIO and versitygw: many at once, and each sees one whole."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier, Event
from time import sleep

from risksentinel.adapters.models.documents import digest, written
from risksentinel.adapters.models.stored_registry import StoredModelRegistry
from risksentinel.domain.model_version import ModelArtefact
from risksentinel.errors import Conflict, RiskSentinelError, StaleVersion
from tests.adapters.models.storages import Storage
from tests.adapters.models.versions import files_of, manifest_of, publish

PROMOTIONS = 50
READERS = 2


def test_readers_see_one_version_whole_while_others_are_promoted(
    registry: StoredModelRegistry, name: str
) -> None:
    """A payment must not be scored by one version's model under another version's name."""
    manifests = {version: publish(registry, name, version) for version in ("v1", "v2")}
    registry.promote(name, "v1")
    over = Event()

    def read() -> list[ModelArtefact | None]:
        seen = []
        while not over.is_set():
            seen.append(registry.current(name))
            sleep(0.005)
        return seen

    with ThreadPoolExecutor(READERS) as threads:
        readers = [threads.submit(read) for _ in range(READERS)]
        for turn in range(PROMOTIONS):
            registry.promote(name, f"v{turn % 2 + 1}")
        over.set()
        seen = [artefact for reader in readers for artefact in reader.result()]

    assert {artefact and artefact.pointer.version for artefact in seen} == {"v1", "v2"}
    for artefact in seen:
        assert artefact is not None
        manifest = manifests[artefact.pointer.version]
        assert artefact.manifest == manifest
        assert artefact.pointer.manifest_sha256 == digest(written(manifest))
        assert artefact.model == files_of(artefact.pointer.version)["model.onnx"]


def test_of_two_who_publish_one_version_one_does(storage: Storage, name: str) -> None:
    """Two training jobs that started in the same minute must not mix their files."""
    contents = [
        {"model.onnx": b"of the first", "model.joblib": b"of the first"},
        {"model.joblib": b"of the second", "model.onnx": b"of the second"},
    ]
    registries = [storage.open() for _ in contents]

    answers = _at_once(
        [
            partial(registry.publish, manifest_of(name, "v1", files), files)
            for registry, files in zip(registries, contents, strict=True)
        ]
    )

    (winner,) = (number for number, answer in enumerate(answers) if answer is None)
    assert {type(answer) for answer in answers} == {type(None), Conflict}
    registries[0].promote(name, "v1")
    artefact = registries[0].current(name)
    assert artefact is not None
    assert artefact.model == contents[winner]["model.onnx"]
    for registry in registries:
        registry.close()


def test_who_promotes_at_the_same_time_is_told(registry: StoredModelRegistry, name: str) -> None:
    """A promotion that another one replaced at once must not be reported as done."""
    versions = [f"v{number}" for number in range(4)]
    for version in versions:
        publish(registry, name, version)

    answers = _at_once([partial(registry.promote, name, version) for version in versions])

    done = {version for version, answer in zip(versions, answers, strict=True) if answer is None}
    assert {type(answer) for answer in answers} <= {type(None), StaleVersion}
    pointer = registry.promoted(name)
    assert pointer is not None
    assert pointer.version in done


def _at_once(calls: Sequence[Callable[[], object]]) -> list[RiskSentinelError | None]:
    """Call all in threads that start together: the error that each raised, or None."""
    together = Barrier(len(calls))

    def run(call: Callable[[], object]) -> RiskSentinelError | None:
        together.wait()
        try:
            call()
        except RiskSentinelError as error:
            return error
        return None

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))
