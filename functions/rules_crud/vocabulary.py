"""The words to write a rule with: fields, operators, and which fit together."""

from pydantic import BaseModel, Field

from risksentinel.rules import fields, operators
from risksentinel.rules.kinds import Kind


class FieldWord(BaseModel):
    """Something that a rule can ask about a payment."""

    name: str
    kind: Kind
    meaning: str
    choices: list[str] = Field(description="The only values of a choice; else empty")
    least: int | None = Field(description="The least value, where there is one")
    greatest: int | None = Field(description="The greatest value, where there is one")
    from_history: bool = Field(description="Unknown while the history does not answer")
    operators: list[str] = Field(description="Those that apply to it")


class OperatorWord(BaseModel):
    """A way to compare a field with a value."""

    name: str
    meaning: str
    kinds: list[Kind] = Field(description="The kinds of field that it applies to")
    value: str = Field(description="What to write as its value")
    exact: bool = Field(
        description='Whether a comparison of a text field may say `"exact": true`: without it '
        "texts compare without case and without blanks at both ends"
    )


class VocabularyResponse(BaseModel):
    """What an analyst needs to write a rule."""

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
