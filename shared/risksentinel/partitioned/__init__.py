"""Past payments in Parquet files by account, decided by the workers of a Ray cluster."""
