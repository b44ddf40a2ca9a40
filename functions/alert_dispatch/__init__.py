"""alert-dispatch: alerts go out, and people work on them and on statutory reports."""
