"""Every protocol that the use cases need, a file for those who need the same.

An adapter meets one; it inherits none. Each method that reaches out raises `Unavailable` when its
part does not answer.
"""
