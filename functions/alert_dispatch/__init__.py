"""alert-dispatch: alerts go out, and analysts work on them."""
