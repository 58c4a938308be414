"""What the workflows and those around them agree on."""

from typing import Final

SCHEMA: Final = "perdure_demo"
ENGINE_SCHEMA: Final = "perdure_demo_engine"
QUEUE: Final = "flights"
# Short, for a short demonstration; the default is 30 seconds.
LEASE: Final = 2.0
