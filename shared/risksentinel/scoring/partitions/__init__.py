"""Past payments scored in partitions by account, with the results of one process."""
