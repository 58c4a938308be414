"""Arguments of workflows, checked against type hints by pydantic."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from typing import Any

from ._errors import InvalidArgument

Validator = Callable[[tuple[Any, ...], dict[str, Any]], tuple[tuple[Any, ...], dict[str, Any]]]


def make_validator(name: str, fn: Callable[..., Any], skips: Callable[[], bool]) -> Validator:
    """What checks the arguments of a function, and turns them into the types of its hints.

    Args:
        name: of the workflow, for messages.
        fn: the function.
        skips: whether its first parameter is what it is called on.

    Raises:
        InvalidArgument: pydantic is not installed.
    """
    try:
        from pydantic import TypeAdapter, ValidationError
    except ImportError:
        raise InvalidArgument(
            f"workflow {name!r}: arguments are validated by pydantic, which is not installed:"
            " pip install 'perdure[pydantic]'"
        ) from None

    signature = inspect.signature(fn)
    adapters: dict[str, TypeAdapter[Any]] | None = None

    def read_hints() -> dict[str, TypeAdapter[Any]]:
        # At the first call: hints may name what is defined below the function.
        hints = typing.get_type_hints(fn, include_extras=True)
        try:
            return {n: TypeAdapter(hints[n]) for n in signature.parameters if n in hints}
        except Exception as error:
            raise InvalidArgument(
                f"workflow {name!r}: a type hint cannot be validated, leave out `validate` or mend"
                f" it: {error}"
            ) from None

    def check(parameter: str, value: Any, shown: str) -> Any:
        assert adapters is not None
        adapter = adapters.get(parameter)
        if adapter is None:
            return value
        try:
            return adapter.validate_python(value)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = "".join(f"[{part!r}]" for part in first["loc"])
            raise InvalidArgument(
                f"workflow {name!r}: argument {shown}{place} cannot be {first['input']!r:.80}: {first['msg']}"
            ) from None

    def validate(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        nonlocal adapters
        if adapters is None:
            adapters = read_hints()
        target = (None,) if skips() else ()
        given = signature.bind(*target, *args, **kwargs)
        for place, (parameter, value) in enumerate(given.arguments.items()):
            if place == 0 and target:
                continue
            kind = signature.parameters[parameter].kind
            if kind is inspect.Parameter.VAR_POSITIONAL:
                given.arguments[parameter] = tuple(
                    check(parameter, v, f"{parameter}[{i}]") for i, v in enumerate(value)
                )
            elif kind is inspect.Parameter.VAR_KEYWORD:
                given.arguments[parameter] = {k: check(parameter, v, repr(k)) for k, v in value.items()}
            else:
                given.arguments[parameter] = check(parameter, value, repr(parameter))
        return given.args[len(target) :], given.kwargs

    return validate
