"""Instances whose methods are workflows."""

from __future__ import annotations

from ._registry import registry


class DBOSConfiguredInstance:
    """A base for classes whose instances have workflows: each instance has a name, under which a worker in
    another process finds its own.

    Args:
        config_name: each instance of a class has its own, the same in all processes.
    """

    def __init__(self, config_name: str) -> None:
        self.config_name = config_name
        registry.add_instance(self, config_name)
