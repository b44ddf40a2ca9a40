"""The named lists, as rules read them."""

from risksentinel.adapters.sql.list_book import SqlListBook
from risksentinel.assembly.container import Container, built_once


@built_once
def list_book(container: Container) -> SqlListBook:
    """The named lists, cached; a list is loaded when a rule first reads it."""
    book = SqlListBook(container.engine, container.clock)
    container.on_close(book.close)
    return book
