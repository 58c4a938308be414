"""The demonstration: `perdure demo`. Its workflows are in `flights`; everything else is around them."""

from ._supervisor import run_demo

__all__ = ["run_demo"]
