import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from risksentinel.errors import Misconfigured
from risksentinel.ports.alerting import Endpoint
from risksentinel.settings import Settings
from risksentinel.settings.authentication import Method

ROOT = Path(__file__).parents[1]
NAMES = [name.upper() for name in Settings.model_fields]


def test_a_misspelt_setting_of_an_embedding_program_is_refused() -> None:
    """A setting that is dropped silently leaves the default in force."""
    with pytest.raises(ValidationError, match="databse_url"):
        Settings.model_validate({"databse_url": "sqlite:///payments.db"})


def test_nothing_needs_to_be_set() -> None:
    """The engine runs on a fresh machine without settings."""
    settings = Settings.read({})

    assert settings == Settings()
    assert settings.database == "sqlite:///.risksentinel/risksentinel.db"


def test_the_seven_tunables_keep_their_names_and_defaults() -> None:
    """Existing deployments use these names."""
    policy = Settings.read({}).policy

    assert (policy.high, policy.critical) == (Decimal("0.7"), Decimal("0.9"))
    assert policy.velocity_window_seconds == 300
    assert policy.velocity_max_count == 10
    assert policy.velocity_max_total_zar == 50_000
    assert policy.anomaly_z_score == 3.0
    assert Settings.read({"ML_ENABLED": "false"}).policy.ml_weight == 0


def test_every_violation_is_reported_at_once() -> None:
    """One restart must suffice to correct all settings."""
    wrong = {"PORT": "http", "RISK_SCORE_CRITICAL": "0.5", "ML_ENABLED": "perhaps"}

    with pytest.raises(Misconfigured) as raised:
        Settings.read(wrong)

    assert all(name in str(raised.value) for name in wrong)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("RISK_SCORE_HIGH", "NaN"),
        ("RISK_SCORE_HIGH", "0"),
        ("RISK_SCORE_CRITICAL", "1e400"),
        ("VELOCITY_WINDOW_SECONDS", "-1"),
        ("VELOCITY_WINDOW_SECONDS", "3.5"),
        ("VELOCITY_WINDOW_SECONDS", "9" * 5000),
        ("PORT", "00000000080000"),
        ("VELOCITY_MAX_TXN_COUNT", "0"),
        ("AMOUNT_ANOMALY_ZSCORE", "inf"),
        ("PORT", "٣"),
        ("PORT", "65536"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_wrong_value_is_refused_with_the_name_of_the_setting(name: str, text: str) -> None:
    """A wrong value must not be read as another value."""
    with pytest.raises(Misconfigured, match=name):
        Settings.read({name: text})


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("ESCALATE_")])
def test_none_turns_an_escalation_off(name: str) -> None:
    """`none` in any case is off; an empty value is the default."""
    field = name.lower()

    assert getattr(Settings.read({name: "None"}).policy, field) is None
    assert getattr(Settings.read({name: ""}).policy, field) is not None


def test_ceilings_are_read_by_channel_and_rail() -> None:
    """Channels and rails that are not named have no ceiling."""
    policy = Settings.read({"ESCALATE_AMOUNT_CEILINGS": "atm=5000, payshap = 3000.50"}).policy

    assert policy.escalate_amount_ceilings == {"atm": 5_000, "payshap": Decimal("3000.50")}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("ESCALATE_AMOUNT_CEILINGS", "cheque=5", "must name channels or rails among mobile_bank"),
        ("ESCALATE_AMOUNT_CEILINGS", "atm", "must be a number, or none to turn it off"),
        ("ESCALATE_AMOUNT_CEILINGS", "atm=", "must be a number"),
        (
            "ESCALATE_AMOUNT_CEILINGS",
            "atm=0",
            "must be between 0.01 and 9999999999999999 rand, or none to turn it off",
        ),
        ("ESCALATE_AMOUNT_CEILINGS", "atm=5,,", "must name channels or rails"),
        ("ESCALATE_AMOUNT_CEILINGS", "atm=5,atm=6", "must name each channel or rail once"),
        (
            "ESCALATE_VELOCITY_REVIEW",
            "0",
            "must be greater than or equal to 0.1, or none to turn it off",
        ),
        ("ESCALATE_VELOCITY_DECLINE", "off", "must be a number, or none to turn it off"),
        (
            "ESCALATE_STRONG_SIGNALS",
            "1.1",
            "must be less than or equal to 1, or none to turn it off",
        ),
        ("RISK_SCORE_MEDIUM", "0", "must be greater than or equal to 0.0001"),
    ],
)
def test_a_wrong_escalation_is_refused_with_the_allowed_values(
    name: str, text: str, message: str
) -> None:
    """A wrong threshold would otherwise be found by a fraud."""
    with pytest.raises(Misconfigured, match=re.escape(f"{name} {message}")):
        Settings.read({name: text})


def test_medium_is_never_above_high() -> None:
    """A bank that reviews from 0.3 on needs no second setting."""
    policy = Settings.read({"RISK_SCORE_HIGH": "0.3"}).policy

    assert (policy.medium, policy.high) == (Decimal("0.3"), Decimal("0.3"))


def test_secrets_are_not_in_the_repr() -> None:
    """Tracebacks, debuggers and logs may show the repr of the settings."""
    names = ["DATABASE_URL", "REDIS_URL", "WEBHOOK_URLS", "WEBHOOK_SECRET", "SLACK_WEBHOOK_URLS"]

    settings = Settings.read(dict.fromkeys(names, "https://me:hush@a.example/"))
    endpoint = Endpoint("webhook-1", "webhook", "https://hush.example/", "whsec_hush")

    assert "hush" not in repr(settings) + repr(endpoint)
    assert "port=8080" in repr(settings)


def test_critical_is_not_below_high() -> None:
    """Otherwise no payment would be reviewed."""
    with pytest.raises(Misconfigured, match="RISK_SCORE_CRITICAL"):
        Settings.read({"RISK_SCORE_HIGH": "0.8", "RISK_SCORE_CRITICAL": "0.5"})


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=20)))
def test_any_environment_is_read_completely_or_refused(environ: dict[str, str]) -> None:
    """Partially read settings must not exist."""
    try:
        settings = Settings.read(environ)
    except Misconfigured:
        return

    assert settings.policy.high <= settings.policy.critical


def test_the_example_file_names_every_setting_with_its_default() -> None:
    """The file is the complete list of settings with their defaults."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    assert list(example) == NAMES
    assert Settings.read(example) == Settings()


def test_the_example_file_has_the_meaning_of_each_setting() -> None:
    """Operators read the file, not the code."""
    paragraphs = (ROOT / ".env.example").read_text().split("\n\n")[1:]
    meanings = {
        setting.split("=")[0]: " ".join(line.removeprefix("# ") for line in words)
        for *words, setting in (paragraph.splitlines() for paragraph in paragraphs)
    }

    for name, field in Settings.model_fields.items():
        assert meanings[name.upper()].lower() == str(field.description).lower()


def test_the_methods_of_authentication_are_read_in_any_order_and_case() -> None:
    """Unset is no method at all, and differs from none."""
    oidc = {"OIDC_ISSUER": "https://issuer.example", "OIDC_AUDIENCE": "risksentinel"}

    assert Settings.read({"AUTH": " OIDC , keys", **oidc}).auth == frozenset(
        {Method.KEYS, Method.OIDC}
    )
    assert Settings.read({"AUTH": "none"}).auth == frozenset({Method.NONE})
    assert Settings.read({}).auth is None


@pytest.mark.parametrize("text", ["key", "keys,", "keys,keys", "none,keys", "true", ","])
def test_a_wrong_method_of_authentication_is_refused(text: str) -> None:
    """A misspelt method must not leave the API open."""
    with pytest.raises(Misconfigured, match="AUTH must"):
        Settings.read({"AUTH": text})


def test_what_oidc_needs_is_reported_at_once() -> None:
    """One restart must suffice."""
    with pytest.raises(Misconfigured) as raised:
        Settings.read({"AUTH": "oidc", "PORT": "http"})

    assert all(
        name in str(raised.value)
        for name in ("OIDC_ISSUER is required", "OIDC_AUDIENCE is required", "PORT")
    )


@pytest.mark.parametrize(
    "issuer",
    [
        "http://issuer.example",
        "issuer.example",
        "https://",
        "https://me:hush@issuer.example",
        "https://issuer.example/#a",
        "file:///etc/passwd",
        "http://localhost.example",
    ],
)
def test_an_issuer_that_others_could_replace_is_refused(issuer: str) -> None:
    """Without TLS a proxy on the way could send keys of its own."""
    with pytest.raises(Misconfigured, match="OIDC_ISSUER must be an https URL") as raised:
        Settings.read({"AUTH": "oidc", "OIDC_ISSUER": issuer, "OIDC_AUDIENCE": "a"})

    assert "hush" not in str(raised.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "[::1]"])
def test_loopback_needs_no_authentication(host: str) -> None:
    """`make run` works at once."""
    Settings.read({}).may_listen_on(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "risksentinel", "", "127.0.0.1.nip"])  # noqa: S104
def test_another_address_needs_authentication(host: str) -> None:
    """A name may be any address: unknown is not loopback."""
    with pytest.raises(Misconfigured, match="AUTH"):
        Settings.read({}).may_listen_on(host)
    for auth in ("keys", "none"):
        Settings.read({"AUTH": auth}).may_listen_on(host)
