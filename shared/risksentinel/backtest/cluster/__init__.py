"""A backtest on a Ray cluster: payments and decisions in object storage, the same report."""
