from risksentinel.assembly.shutdown_hooks import on_shutdown, run_shutdown_hooks


def test_the_last_hook_runs_first_and_no_hook_runs_twice() -> None:
    """A part that was opened later may use a part that was opened earlier."""
    done: list[str] = []
    on_shutdown(lambda: done.append("first"))
    on_shutdown(lambda: done.append("second"))

    run_shutdown_hooks()
    run_shutdown_hooks()

    assert done == ["second", "first"]
