from risksentinel.assembly.container import Container
from risksentinel.embedded.functions import FUNCTIONS
from risksentinel.http.route_access import ROUTE_ACCESS


def test_the_table_has_each_route_of_each_function_and_no_other(container: Container) -> None:
    """An entry of a route that is gone would hide a mistake in the path of a new one."""
    served = {
        (rule.rule, method)
        for build in FUNCTIONS.values()
        for rule in build(container).url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert served == {(route, method) for route, one in ROUTE_ACCESS.items() for method in one}
