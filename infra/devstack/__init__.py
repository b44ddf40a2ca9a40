"""The local stack: real servers, the five functions, the activator and the gateway."""
