"""The vocabulary of rules: fields, operators and their valid combinations."""

from pydantic import BaseModel, Field

from risksentinel.rules import fields, operators
from risksentinel.rules.kinds import FieldKind


class FieldWord(BaseModel):
    """A field that a rule can compare."""

    name: str
    kind: FieldKind
    meaning: str
    choices: list[str] = Field(description="The values of a field of kind choice; else empty")
    least: int | None = Field(description="The minimum, if any")
    greatest: int | None = Field(description="The maximum, if any")
    from_history: bool = Field(
        description="Whether the field is unknown while the history is unavailable"
    )
    operators: list[str] = Field(description="The operators of the field")


class OperatorWord(BaseModel):
    """An operator that compares a field with a value."""

    name: str
    meaning: str
    kinds: list[FieldKind] = Field(description="The kinds of field that the operator applies to")
    value: str = Field(description="The form of the value")
    exact: bool = Field(
        description='Whether a comparison of a text field can have `"exact": true`; without it '
        "case and blanks at both ends are ignored"
    )


class VocabularyResponse(BaseModel):
    """The fields and operators of rules."""

    fields: list[FieldWord]
    operators: list[OperatorWord]


def vocabulary() -> VocabularyResponse:
    """Every registered field and operator."""
    return VocabularyResponse(
        fields=[_field(name, field) for name, field in fields.FIELDS.items()],
        operators=[_operator(name, known) for name, known in operators.OPERATORS.items()],
    )


def _field(name: str, field: fields.Field) -> FieldWord:
    least, greatest = field.within or (None, None)
    return FieldWord(
        name=name,
        kind=field.kind,
        meaning=field.meaning,
        choices=list(field.choices),
        least=least,
        greatest=greatest,
        from_history=field.from_history,
        operators=[
            each for each, known in operators.OPERATORS.items() if field.kind in known.kinds
        ],
    )


def _operator(name: str, operator: operators.Operator) -> OperatorWord:
    return OperatorWord(
        name=name,
        meaning=operator.meaning,
        kinds=list(operator.kinds),
        value=operator.takes.value,
        exact=operator.can_be_exact,
    )
