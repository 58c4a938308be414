"""The synchronous face is derived from the asynchronous one: each method calls its twin, and nothing else."""

import ast
import inspect
import textwrap

import pytest

from perdure import Client, Perdure, Queue, WorkflowHandle

# What needs no twin: it asks the database for nothing.
PLAIN = {
    "authenticated", "branch", "datasource", "register_instance", "register_type", "required_roles",
    "retrieve_workflow", "scheduled", "step", "transaction", "use_database", "use_tracing", "workflow",
    "workflow_class", "workflow_named",
}  # fmt: skip
# What is for one face alone: `install` and `run` belong to programs without a loop, `run_workflow_async` is
# what a call of a workflow is; the others are coroutines that the package itself calls.
ALONE = {"install", "run", "run_workflow_async", "wait_for_outcome", "get_result_as_step"}
# What does more than call its twin: it ends the thread of the loop, or is a generator.
OWN_BODY = {"close", "shutdown", "iter_workflows", "read_stream"}

KINDS = (Client, Perdure, Queue, WorkflowHandle)


def methods(kind):
    return {
        name: found
        for name, found in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }


SYNC = [
    pytest.param(kind, name, id=f"{kind.__name__}.{name}")
    for kind in KINDS
    for name in methods(kind)
    if not name.endswith("_async") and name not in PLAIN | ALONE
]


@pytest.mark.parametrize(("kind", "name"), SYNC)
def test_each_method_has_an_async_twin_with_its_parameters(kind, name):
    twin = methods(kind).get(f"{name}_async")
    assert twin is not None
    assert inspect.iscoroutinefunction(twin) or inspect.isasyncgenfunction(twin)
    own, other = (inspect.signature(f) for f in (methods(kind)[name], twin))
    assert list(own.parameters.values()) == list(other.parameters.values())
    replaced = str(other.return_annotation).replace("AsyncIterator", "Iterator")
    assert name in OWN_BODY or str(own.return_annotation) == replaced


@pytest.mark.parametrize(("kind", "name"), [p for p in SYNC if p.values[1] not in OWN_BODY])
def test_its_body_calls_that_twin_with_all_of_them_and_nothing_else(kind, name):
    method = methods(kind)[name]
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(method))).body
    assert isinstance(definition, ast.FunctionDef)
    body = definition.body[ast.get_docstring(definition) is not None :]
    assert len(body) == 1
    given = ast.unparse(body[0]).removeprefix("return ")
    kinds = inspect.Parameter
    arguments = []
    for parameter in list(inspect.signature(method).parameters.values())[1:]:
        text = {
            kinds.VAR_POSITIONAL: f"*{parameter.name}",
            kinds.VAR_KEYWORD: f"**{parameter.name}",
            kinds.KEYWORD_ONLY: f"{parameter.name}={parameter.name}",
        }.get(parameter.kind, parameter.name)
        arguments.append(text)
    call = f"self.{name}_async({', '.join(arguments)})"
    assert given == f"run_sync({call}, '{name}_async')"


def test_each_async_method_has_a_sync_twin():
    for kind in KINDS:
        for name in methods(kind):
            if name.endswith("_async") and name not in ALONE:
                assert name.removesuffix("_async") in methods(kind), f"{kind.__name__}.{name}"


def test_the_exceptions_exist():
    there = {name for kind in KINDS for name in methods(kind)}
    assert there >= PLAIN | ALONE | OWN_BODY
