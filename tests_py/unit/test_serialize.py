"""Values to JSON and back."""

import base64
import datetime as dt
import decimal
import enum
import json
import math
import uuid
from collections import OrderedDict, namedtuple
from dataclasses import dataclass

import pytest

from perdure import ApplicationError, InvalidArgument, SerializationError, StepRetriesExceeded, _serialize
from perdure._serialize import (
    dump_arguments,
    dump_error,
    dumps,
    load_arguments,
    load_error,
    loads,
    portable_error,
)
from tests_py.unit.values import VALUES, same


class Declined(Exception):
    """Its constructor wants other arguments than it leaves in `args`."""

    def __init__(self, order: int, *, reason: str) -> None:
        super().__init__(f"order {order} was declined: {reason}")
        self.order, self.reason = order, reason


class Outer:
    class Nested(ValueError):
        pass


# ------------------------------------------------------------------------------------------- values


@pytest.mark.parametrize("value", VALUES)
def test_a_value_comes_back_as_it_was(value):
    assert same(loads(dumps(value)), value)


def test_what_json_has_is_written_as_it_is():
    value = {"text": "é", "list": [1, 2.5, None, True], "nested": {"": {}}}
    assert dumps(value) == '{"text":"é","list":[1,2.5,null,true],"nested":{"":{}}}'


def test_what_json_lacks_names_its_type():
    assert json.loads(dumps(decimal.Decimal("1.10"))) == {"$type": "decimal", "value": "1.10"}
    assert json.loads(dumps((1, 2))) == {"$type": "tuple", "value": [1, 2]}
    assert json.loads(dumps(b"\0")) == {"$type": "bytes", "value": base64.b64encode(b"\0").decode()}


def test_the_order_of_a_dict_is_kept():
    keys = ["z", "a", "m", "10", "2"]
    assert list(loads(dumps(dict.fromkeys(keys)))) == keys


def test_json_written_by_others_is_left_alone():
    assert loads('{"$type": "date"}') == {"$type": "date"}
    assert loads('{"$type": "date", "value": "2030-01-01", "more": 1}')["more"] == 1


class Color(enum.IntEnum):
    RED = 1


@dataclass
class Point:
    x: int


Pair = namedtuple("Pair", "left right")


@pytest.mark.parametrize(
    "value",
    [object(), Point(1), Color.RED, Pair(1, 2), OrderedDict(a=1), len, iter([]), 1j, range(3), Point],
    # Without addresses: every process that runs these tests calls them the same.
    ids=lambda value: repr(value).partition(" at 0x")[0],
)
def test_other_types_are_refused_by_name(value):
    with pytest.raises(SerializationError, match=f"the thing cannot.*{type(value).__name__}"):
        dumps([value], "thing")


def test_an_integer_too_long_to_be_read_back_is_refused():
    with pytest.raises(SerializationError, match="the thing cannot be serialized"):
        dumps([10**5000], "thing")


def test_a_list_that_contains_itself_is_refused():
    value: list[object] = []
    value.append(value)
    with pytest.raises(SerializationError, match="contains itself"):
        dumps(value)


@pytest.mark.parametrize("wrap", [lambda v: [v], lambda v: {"a": v}, lambda v: (v,)])
def test_depth_has_a_limit(wrap):
    value = None
    for _ in range(200):
        value = wrap(value)
    assert loads(dumps(value)) == value
    for _ in range(5):
        value = wrap(value)
    with pytest.raises(SerializationError, match="more than 200 deep"):
        dumps(value)


def test_size_has_a_limit(monkeypatch):
    monkeypatch.setattr(_serialize, "_MAX_BYTES", 100)
    assert dumps("x" * 98)
    with pytest.raises(SerializationError, match="101 bytes of JSON, more than 100"):
        dumps("x" * 99)


def test_size_is_counted_in_bytes(monkeypatch):
    monkeypatch.setattr(_serialize, "_MAX_BYTES", 100)
    with pytest.raises(SerializationError, match="more than 100"):
        dumps("\N{SNOWMAN}" * 40)


def test_a_stored_type_that_is_not_known_is_an_error():
    with pytest.raises(SerializationError, match="unknown type 'quaternion'"):
        loads('[{"$type": "quaternion", "value": 1}]')


@pytest.mark.parametrize("text", ['"x"', "5", "[1]"])
@pytest.mark.parametrize("name", ["datetime", "decimal", "uuid", "timedelta", "bytes", "set"])
def test_a_stored_value_that_does_not_fit_its_type_is_an_error(name, text):
    tagged = f'{{"$type": "{name}", "value": {text}}}'
    try:
        loads(tagged)
    except SerializationError as error:
        assert f"a stored {name} cannot be read" in str(error)  # noqa: PT017


def test_a_serialization_error_is_an_invalid_argument():
    assert issubclass(SerializationError, InvalidArgument)
    assert issubclass(SerializationError, ValueError)


# ---------------------------------------------------------------------------------------- arguments


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((), {}),
        ((1, "two", (3,)), {}),
        ((), {"a": 1, "b": decimal.Decimal(2)}),
        ((1,), {"b": 2}),
        (([],), {}),
        ((None,), {}),
        ((), {"positionalArgs": 1}),
        ((), {"positionalArgs": [1], "namedArgs": {}}),
        ((), {"$type": "date", "value": "2030-01-01"}),
        (({"positionalArgs": [1], "namedArgs": {}},), {}),
    ],
)
def test_arguments_come_back_as_they_were(args, kwargs):
    assert load_arguments(dump_arguments(args, kwargs)) == (list(args), kwargs)


def test_arguments_are_written_the_way_people_write_them():
    assert dump_arguments((1, 2), {}) == "[1,2]"
    assert dump_arguments((), {"a": 1}) == '{"a":1}'
    assert dump_arguments((1,), {"b": 2}) == '{"positionalArgs":[1],"namedArgs":{"b":2}}'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, ([], {})),
        ("null", ([], {})),
        ("[1, 2]", ([1, 2], {})),
        ('{"a": 1}', ([], {"a": 1})),
        ('"text"', (["text"], {})),
        ("7", ([7], {})),
        ('{"$type": "date", "value": "2030-01-01"}', ([dt.date(2030, 1, 1)], {})),
    ],
)
def test_input_written_by_hand_is_understood(text, expected):
    assert load_arguments(text) == expected


# ------------------------------------------------------------------------------------------- errors


def there_and_back(error: BaseException) -> BaseException:
    return load_error(dump_error(error))


@pytest.mark.parametrize(
    "error",
    [
        ValueError("bad"),
        KeyError("missing"),
        ZeroDivisionError(),
        Outer.Nested("deep"),
        Declined(7, reason="no money"),
        FileNotFoundError(2, "No such file or directory", "orders.csv"),
        ConnectionRefusedError(111, "Connection refused"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
        RuntimeError("with", 2, {"arguments": [1]}),
        ApplicationError("Sql", "from elsewhere", 17, {"a": [1]}),
        RuntimeError("\0 and \ud800"),
    ],
    ids=str,
)
def test_an_error_comes_back_as_its_own_class(error):
    found = there_and_back(error)
    assert type(found) is type(error)
    assert str(found) == str(error)
    assert found.args == error.args
    assert vars(found) == vars(error)


def test_the_fields_of_an_operating_system_error_come_back():
    found = there_and_back(FileNotFoundError(2, "No such file or directory", "orders.csv"))
    assert (found.errno, found.strerror, found.filename) == (2, "No such file or directory", "orders.csv")


def test_an_error_is_portable():
    found = json.loads(dump_error(Declined(7, reason="no money")))
    assert found["name"] == "Declined"
    assert found["message"] == "order 7 was declined: no money"
    assert found["code"] is None
    assert found["data"]["python"]["state"] == {"order": 7, "reason": "no money"}


def test_the_code_of_an_error_is_kept():
    error = OSError("x")
    error.code = "E17"
    assert json.loads(dump_error(error))["code"] == "E17"


def test_an_error_has_one_form_wherever_it_is_shown():
    assert portable_error(Declined(7, reason="no money")) == {
        "name": "Declined",
        "message": str(Declined(7, reason="no money")),
        "code": None,
        "data": None,
    }
    assert portable_error(ApplicationError("Sql", "no", 17, {"a": [1]})) == {
        "name": "Sql",
        "message": "no",
        "code": 17,
        "data": {"a": [1]},
    }


def test_what_of_an_error_has_no_json_form_is_left_out():
    error = RuntimeError("broken", object)
    error.socket = object()
    error.attempt = 3
    found = there_and_back(error)
    assert type(found) is RuntimeError
    assert found.args[0] == "broken"
    assert vars(found) == {"attempt": 3}


def test_an_error_whose_text_cannot_be_made_is_still_written():
    class Mute(Exception):
        def __str__(self):
            raise RuntimeError("no text")

    assert json.loads(dump_error(Mute()))["name"] == "Mute"


def test_the_errors_of_a_spent_step_come_back_with_it():
    error = StepRetriesExceeded("spent", [ValueError("one"), Declined(1, reason="two")])
    found = there_and_back(error)
    assert type(found) is StepRetriesExceeded
    assert [type(e) for e in found.errors] == [ValueError, Declined]
    assert [str(e) for e in found.errors] == [str(e) for e in error.errors]


@pytest.mark.parametrize("place", ["nowhere:Gone", "builtins:Gone", "os.path:join", "builtins:int", ":", "x"])
def test_a_class_that_is_not_known_becomes_an_application_error(place):
    text = json.dumps(
        {"name": "Gone", "message": "it failed", "code": 5, "data": {"python": {"type": place, "args": []}}}
    )
    found = load_error(text)
    assert type(found) is ApplicationError
    assert (found.name, found.message, found.code) == ("Gone", "it failed", 5)
    assert str(found) == "Gone: it failed"


def test_no_stored_name_imports_a_module():
    import sys

    module = "wave"  # of the standard library, and used by nobody here
    assert module not in sys.modules
    load_error(json.dumps({"name": "Error", "message": "", "data": {"python": {"type": f"{module}:Error"}}}))
    assert module not in sys.modules


@pytest.mark.parametrize("name", ["SystemExit", "KeyboardInterrupt", "GeneratorExit", "exec", "int"])
def test_a_stored_name_never_becomes_more_than_an_exception(name):
    for data in (None, {"python": {"type": f"builtins:{name}", "args": []}}):
        found = load_error(json.dumps({"name": name, "message": "x", "data": data}))
        assert type(found) is ApplicationError


@pytest.mark.parametrize("text", ['"it broke"', "17", "null", "[1]", "{}", '{"name": null}'])
def test_an_error_of_any_shape_is_read(text):
    assert isinstance(load_error(text), Exception)


def test_an_error_from_another_language_has_the_class_of_its_name():
    assert type(load_error('{"name": "ValueError", "message": "bad"}')) is ValueError
    assert str(load_error('{"name": "ValueError", "message": "bad"}')) == "bad"


def test_nan_is_kept():
    assert math.isnan(loads(dumps([float("nan")]))[0])


def test_ids_are_not_guessed():
    text = str(uuid.uuid4())
    assert loads(dumps(text)) == text


@pytest.mark.parametrize("value", [10**200, -(10**200), [10**200]])
def test_a_number_of_too_many_digits_is_refused_as_any_value_is(monkeypatch, value):
    monkeypatch.setattr(_serialize, "_MAX_BYTES", 100)
    with pytest.raises(SerializationError, match="bytes of JSON, more than 100"):
        dumps(value)
    assert dumps(2**63 - 1) == str(2**63 - 1)
