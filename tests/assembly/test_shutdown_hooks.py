from risksentinel.assembly.shutdown_hooks import on_shutdown, run_shutdown_hooks


def test_the_last_ends_first_and_nothing_twice() -> None:
    """What was opened later may need what was opened before."""
    done: list[str] = []
    on_shutdown(lambda: done.append("first"))
    on_shutdown(lambda: done.append("second"))

    run_shutdown_hooks()
    run_shutdown_hooks()

    assert done == ["second", "first"]
