from risksentinel.assembly.endings import at_the_end, end


def test_the_last_ends_first_and_nothing_twice() -> None:
    """What was opened later may need what was opened before."""
    done: list[str] = []
    at_the_end(lambda: done.append("first"))
    at_the_end(lambda: done.append("second"))

    end()
    end()

    assert done == ["second", "first"]
