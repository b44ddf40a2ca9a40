import pytest

from tests.infra.observability.named_series import named_series


@pytest.mark.parametrize(
    ("expression", "metrics", "groups"),
    [
        ('a{b="c", d=~"e"}[5m]', {"a": {"b", "d"}}, set()),
        ('a{b="c" or d="e"}', {"a": {"b", "d"}}, set()),
        ('sum by (x) (rate(a[5m])) - sum(b{c="d"}) by (y)', {"a": set(), "b": {"c"}}, {"x", "y"}),
        ("a offset 1h unless on (x) b", {"a": set(), "b": set()}, {"x"}),
        ("a * on (x) group_right (y) b", {"a": set(), "b": set()}, {"x", "y"}),
        ("deriv(sum without (x) (a)[10m:1m])", {"a": set()}, {"x"}),
        ('rate(a{f=~"$function"}[$__rate_interval])', {"a": {"f"}}, set()),
    ],
)
def test_every_metric_and_label_of_an_expression_is_found(
    expression: str, metrics: dict[str, set[str]], groups: set[str]
) -> None:
    """A name that is not found here could be misspelt in an alert rule."""
    found = named_series(expression)

    assert (found.metrics, found.groups) == (metrics, groups)


def test_an_expression_that_is_not_promql_is_an_error() -> None:
    """A panel with a wrong expression must fail its test, not appear empty in Grafana."""
    with pytest.raises(ValueError, match="unclosed left parenthesis"):
        named_series("sum by (x (a)")
