"""Documents and tables that commands write and the repository keeps."""
