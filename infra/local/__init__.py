"""What a cluster gives, in small."""
