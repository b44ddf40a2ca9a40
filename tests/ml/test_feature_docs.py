from ml.feature_docs import PAGE, with_table


def test_the_page_has_the_features_of_the_code() -> None:
    """Run `python -m ml.feature_docs` after a change of the table."""
    page = PAGE.read_text()

    assert with_table(page) == page
