import pytest

from tests.infra.observability.promql import asked


@pytest.mark.parametrize(
    ("expression", "metrics", "groups"),
    [
        ("a", {"a": set()}, set()),
        ('a{b="c", d=~"e"}[5m]', {"a": {"b", "d"}}, set()),
        ("sum by (x) (rate(a[5m])) / on () group_left () sum(b)", {"a": set(), "b": set()}, {"x"}),
        ("sum(rate(a[5m])) by (x, y)", {"a": set()}, {"x", "y"}),
        ("sum without(x)(a) > bool 1e3", {"a": set()}, {"x"}),
        ("a offset 1h unless b or c and d", {name: set() for name in "abcd"}, set()),
        ("histogram_quantile(0.99, sum by (le) (a_bucket))", {"a_bucket": set()}, {"le"}),
        ('label_replace(a, "x", "$1", "y", "(.*){}")', {"a": set()}, set()),
        ("deriv(sum(a)[10m:1m]) # b {c}", {"a": set()}, set()),
        ('a{f=~"$function"}[$__rate_interval] + NaN', {"a": {"f"}}, set()),
        ("a * on (x) group_right (y) b", {"a": set(), "b": set()}, {"x", "y"}),
    ],
)
def test_the_metrics_and_labels_of_an_expression_are_found(
    expression: str, metrics: dict[str, set[str]], groups: set[str]
) -> None:
    """A name that is overlooked here is one that may be misspelt in an alert."""
    found = asked(expression)

    assert (found.metrics, found.groups) == (metrics, groups)
