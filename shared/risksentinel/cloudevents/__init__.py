"""CloudEvents over HTTP: binary, structured and batch mode, and the webhook handshake."""
