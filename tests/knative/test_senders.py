"""Whose events the functions of a cluster take."""

from hashlib import md5

import pytest

from risksentinel.assembly.container import Container
from risksentinel.assembly.event_senders import event_senders
from risksentinel.settings import Settings
from tests.knative.kustomized import OVERLAYS, Manifest, objects, of_kind, settings

BY_TOKEN = [name for name in OVERLAYS if name != "laptop"]
LONGEST = 63


def account_of(source: Manifest) -> str:
    """The service account that Knative makes for a source: pkg/auth/serviceaccount.go there."""
    group, kind = source["apiVersion"].split("/")[0], source["kind"]
    parent, suffix = str(source["metadata"]["name"]), f"oidc-{group}-{kind}"
    if len(parent) + len(suffix) <= LONGEST:
        return f"{parent}{suffix}".lower()
    digest = md5(f"{parent}{suffix}".encode(), usedforsecurity=False).hexdigest()
    shortened = parent[: LONGEST - len(digest)] + digest
    return (shortened + suffix[: LONGEST - len(shortened)]).lower()


def sources(overlay: str) -> list[Manifest]:
    """Knative's sources in an overlay."""
    made = objects(overlay)
    return [*of_kind("KafkaSource", made).values(), *of_kind("PingSource", made).values()]


@pytest.mark.parametrize("overlay", BY_TOKEN)
def test_functions_take_events_of_the_sources_only(overlay: str) -> None:
    """Each source has an account of its own, and a pod with another account is refused."""
    stated = settings(overlay)["data"]
    accounts = {account_of(source) for source in sources(overlay)}
    own = {
        each["spec"]["template"]["spec"]["serviceAccountName"]
        for each in of_kind("Deployment", objects(overlay)).values()
    }

    named = {each.rpartition(":")[2] for each in stated["EVENT_OIDC_SUBJECTS"].split()}

    assert stated["EVENT_AUTH"] == "oidc"
    assert accounts | own <= named
    if not own:
        assert accounts == named
    assert all(
        each.startswith("system:serviceaccount:risksentinel:")
        for each in stated["EVENT_OIDC_SUBJECTS"].split()
    )


@pytest.mark.parametrize("overlay", BY_TOKEN)
def test_sources_ask_for_tokens_of_the_audience_of_the_functions(overlay: str) -> None:
    """A token of another audience is refused, and its events become dead letters."""
    audience = settings(overlay)["data"]["EVENT_OIDC_AUDIENCE"]

    assert {source["spec"]["sink"].get("audience") for source in sources(overlay)} == {audience}
    for each in of_kind("Deployment", objects(overlay)).values():
        volumes = each["spec"]["template"]["spec"]["volumes"]
        (token,) = (volume["projected"] for volume in volumes if "projected" in volume)
        assert token["sources"][0]["serviceAccountToken"]["audience"] == audience


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_function_starts_with_the_senders_of_the_overlay(overlay: str) -> None:
    """Functions listen on all addresses, so an overlay without a statement would not start."""
    stated = {**settings(overlay)["data"], "HOST": "0.0.0.0"}  # noqa: S104 - as in the image

    authenticate = event_senders(Container(Settings.read(stated)))

    assert callable(authenticate)


@pytest.mark.parametrize("overlay", BY_TOKEN)
def test_kafka_is_used_with_tls_and_a_login(overlay: str) -> None:
    """A client that writes to the topics writes labels and alerts."""
    stated = settings(overlay)["data"]
    made = objects(overlay)

    assert stated["KAFKA_SECURITY_PROTOCOL"] == "SASL_SSL"
    assert stated["KAFKA_CA_FILE"]
    for source in of_kind("KafkaSource", made).values():
        assert source["spec"]["net"]["sasl"]["enable"] is True
        assert source["spec"]["net"]["tls"]["enable"] is True
    for sink in of_kind("KafkaSink", made).values():
        assert sink["spec"]["auth"]["secret"]["ref"]["name"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_only_named_pods_of_other_namespaces_reach_a_function(overlay: str) -> None:
    """A whole namespace is too many: every pod in it could send events."""
    policy = of_kind("NetworkPolicy", objects(overlay))["knative-to-functions"]

    for rule in policy["spec"]["ingress"]:
        for peer in rule["from"]:
            assert peer["namespaceSelector"]["matchLabels"]
            assert peer["podSelector"]["matchLabels"]
