"""Object storages: a folder, an S3 bucket."""
