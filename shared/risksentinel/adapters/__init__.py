"""The ports met by real technology: a file is named <technology>_<port>."""
