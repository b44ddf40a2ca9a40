"""The protocols that the use cases need, one file for each subject.

Adapters meet a protocol without inheriting from it. Each method that calls another system raises
`Unavailable` where that system does not answer.
"""
