"""OpenID Connect: discovery, the keys of the issuer, and access tokens."""
