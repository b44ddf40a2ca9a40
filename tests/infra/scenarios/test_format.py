import json
from pathlib import Path
from typing import Any

import pytest

from infra.scenarios.format import read, scenarios
from risksentinel.errors import Malformed, Misconfigured
from tests.infra.scenarios.drafts import PAYMENT, draft, step


def test_a_complete_scenario_is_read() -> None:
    """Optional fields have defaults."""
    (found,) = scenarios([draft()])

    assert found.begins.isoformat() == "2025-03-31T10:00:00+02:00"
    assert found.steps[0].payment.amount_zar == ["10.00", "20.00"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (draft(nmae="x"), "nmae: is not a known field"),
        (draft(step(tiems=3)), "tiems: is not a known field"),
        (draft(step(payment={**PAYMENT, "amount": "1.00"})), "payment.amount: is not a known"),
        (draft(step(expect={"declined_by": 3})), "expect.declined_by: is not a known field"),
        (
            draft(step(payment={**PAYMENT, "channel": "carrier"})),
            "must be one of: mobile_banking,",
        ),
        (draft(step(payment={**PAYMENT, "amount_zar": "1e3"})), "amount_zar"),
        (draft(step(payment={**PAYMENT, "amount_zar": 10.0})), "must be text"),
        (draft(step(payment={**PAYMENT, "rail": []})), "rail"),
        (draft(step(payment={**PAYMENT, "device_id": []})), "device_id"),
        (draft(step(every=60)), 'like "2h 30m"'),
        (draft(step(times=0, expect={"all": "review"})), "times"),
        (draft(step(times=3, expect={"review_by": 4})), "the step has 3 payments"),
        (draft(step(times=3, expect={"at_most": 3})), "must be less than times"),
        (draft(step(expect={"never": "approve"})), "never"),
        (draft(step(expect={"no_reports": False})), "no_reports"),
        (draft(step()), "no step has an expectation"),
        (draft(kind="odd"), "kind"),
        (draft(name="A Name"), "name"),
        (draft(start="2025-03-31T10:00:00Z"), "without a zone"),
    ],
)
def test_a_wrong_scenario_is_rejected_with_the_path(wrong: dict[str, Any], said: str) -> None:
    """An unknown key is an error: it would be an expectation that is never checked."""
    with pytest.raises(Malformed) as refused:
        scenarios([wrong])

    assert said in str(refused.value)


def test_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    """The order of the table is the same on every machine."""
    for name in ("b", "a"):
        (tmp_path / f"{name}.json").write_text(json.dumps([draft(name=name)]))

    assert [each.name for each in read([tmp_path])] == ["a", "b"]


def test_a_faulty_file_is_named(tmp_path: Path) -> None:
    """The error names the file."""
    (tmp_path / "broken.json").write_text("[{]")

    with pytest.raises(Misconfigured, match=r"broken\.json: is not JSON"):
        read([tmp_path])


def test_two_scenarios_with_one_name_are_rejected(tmp_path: Path) -> None:
    """Scenarios with the same name would have the same payment ids."""
    for name in ("b", "a"):
        (tmp_path / f"{name}.json").write_text(json.dumps([draft()]))

    with pytest.raises(Misconfigured, match="more than one scenario is named a-name"):
        read([tmp_path])


def test_a_folder_without_scenarios_is_rejected(tmp_path: Path) -> None:
    """A run without scenarios is an error."""
    with pytest.raises(Misconfigured, match="no scenario in"):
        read([tmp_path])
