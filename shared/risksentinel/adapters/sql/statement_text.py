"""in_text: a value in the text of a statement, for conditions whose plan depends on the value.

For a parameter PostgreSQL may keep one plan for rare and for frequent values, and such a plan uses
no index with a condition.
"""

from typing import TypeVar

from sqlalchemy import BindParameter, bindparam

Value = TypeVar("Value", int, str)


def in_text(value: Value) -> BindParameter[Value]:
    """The value, of few possible ones: each text is a statement that the server prepares."""
    return bindparam(None, value, literal_execute=True)
