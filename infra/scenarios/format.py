"""Reads scenario files into validated values."""

from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic import model_validator as model_rule

from infra.scenarios.durations import Duration
from risksentinel.domain.transaction import SOUTH_AFRICA, Channel, Rail
from risksentinel.domain.verdict import Decision
from risksentinel.errors import Malformed, Misconfigured
from risksentinel.text import strict_json
from risksentinel.text.validation import violations_of

MAX_NAME: Final = 40  # characters: a payment's id is the name, two numbers and a suffix
MAX_TIMES: Final = 2_000


def _duration(value: object) -> Duration:
    if not isinstance(value, str):
        raise ValueError('must be a duration, like "2h 30m"')  # noqa: TRY004 - pydantic reports ValueError
    return Duration.parse(value)


def _cycle(value: object) -> object:
    return value if isinstance(value, list) else [value]


T = TypeVar("T")
Cycle = Annotated[list[T], BeforeValidator(_cycle), Field(min_length=1)]
Span = Annotated[Duration, BeforeValidator(_duration)]
Text = Annotated[str, Field(strict=True, min_length=1, max_length=50)]
Amount = Annotated[str, Field(pattern=r"^[0-9]{1,16}\.[0-9]{2}$")]


class _Value(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PaymentTemplate(_Value):
    """The fields of the payments of a step; a list is cycled, null omits the field."""

    sender_id: Cycle[Text]
    receiver_id: Cycle[Text]
    amount_zar: Cycle[Amount]
    channel: Cycle[Channel]
    rail: Cycle[Rail | None] = [None]
    merchant_category: Cycle[Text | None] = [None]
    receiver_country: Cycle[Text | None] = [None]
    device_id: Cycle[Text | None] = [None]
    sim_swapped_before: Span | None = None
    beneficiary_added_before: Span | None = None


class Expect(_Value):
    """The expectations of a step; judge.py evaluates them."""

    all: Literal[Decision.REVIEW, Decision.DECLINE] | None = None
    review_by: int | None = Field(default=None, ge=1)
    decline_by: int | None = Field(default=None, ge=1)
    review_once_by: int | None = Field(default=None, ge=1)
    never: Literal[Decision.REVIEW, Decision.DECLINE] | None = None
    at_most: int | None = Field(default=None, ge=0)
    reports: list[Text] | None = Field(default=None, min_length=1)
    no_reports: Literal[True] | None = None
    no_alerts: Literal[True] | None = None

    @property
    def stated(self) -> dict[str, Any]:
        """The expectations that the scenario states, by name."""
        return self.model_dump(exclude_none=True)


class ScenarioStep(_Value):
    """A payment that is sent `times` times, with the expected decisions.

    It starts `after` the previous step, or `at` the next such local time; `every` is the interval,
    `skew` moves the stated time; both are cycled. With `cleared` an analyst labels the reviewed
    payments of the step as genuine.
    """

    what: Annotated[str, Field(min_length=1, max_length=120)]
    payment: PaymentTemplate
    times: int = Field(default=1, ge=1, le=MAX_TIMES)
    after: Span = Duration()
    at: time | None = None
    every: Cycle[Span] = [Duration()]
    skew: Cycle[Span] = [Duration()]
    cleared: bool = False
    expect: Expect = Expect()

    @model_rule(mode="after")
    def _reachable(self) -> Self:
        for name in ("review_by", "decline_by", "review_once_by"):
            number = getattr(self.expect, name)
            if number is not None and number > self.times:
                raise ValueError(f"{name} is {number}, but the step has {self.times} payments")
        if self.expect.at_most is not None and self.expect.at_most >= self.times:
            raise ValueError(f"at_most is {self.expect.at_most}: it must be less than times")
        return self


class Scenario(_Value):
    """A fraud, or a sequence of genuine payments; `start` is local time of South Africa."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=MAX_NAME)]
    kind: Literal["fraud", "genuine"]
    what: Annotated[str, Field(min_length=1, max_length=160)]
    start: datetime
    steps: list[ScenarioStep] = Field(min_length=1)

    @model_rule(mode="after")
    def _complete(self) -> Self:
        if self.start.tzinfo is not None:
            raise ValueError("start must be local time of South Africa, without a zone")
        if not any(step.expect.stated for step in self.steps):
            raise ValueError("no step has an expectation")
        return self

    @property
    def begins(self) -> datetime:
        """The start with its time zone."""
        return self.start.replace(tzinfo=SOUTH_AFRICA)


_FILE: Final = TypeAdapter(list[Scenario])


def scenarios(document: object) -> list[Scenario]:
    """Validate the scenarios of one parsed file.

    Raises:
        Malformed: has every violation with its path; an unknown key is a violation.
    """
    try:
        return _FILE.validate_python(document)
    except ValidationError as error:
        raise Malformed(violations_of(error)) from None


def read(places: Sequence[Path]) -> list[Scenario]:
    """Read files, and all `*.json` files of folders, in the order of their names.

    Raises:
        Misconfigured: a file is invalid, two scenarios have the same name, or there is none.
    """
    found = list[Scenario]()
    for file in (file for place in places for file in _files(place)):
        try:
            found += scenarios(strict_json.decode(file.read_bytes()))
        except Malformed as malformed:
            raise Misconfigured(f"{file}: {malformed}") from None
    names = [scenario.name for scenario in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Misconfigured(f"more than one scenario is named {', '.join(twice)}")
    if not found:
        raise Misconfigured("no scenario in " + ", ".join(map(str, places)))
    return found


def _files(place: Path) -> list[Path]:
    return sorted(place.rglob("*.json")) if place.is_dir() else [place]
