"""Objects of the program's own classes: which are restored, and how."""

import dataclasses
import enum
import json
import sys
import types
import typing
from typing import Annotated, Any, NewType, Optional

import pydantic
import pytest

from perdure import InvalidArgument, SerializationError
from perdure._serialize import Codec
from tests_py.serialization import shop
from tests_py.serialization.shop import CLASSES, CUSTOMER, ITEM, ORDER, VALUES, Color, Customer, Item, Order


@pytest.fixture
def codec():
    codec = Codec()
    for kind in CLASSES:
        codec.types.register(kind, None, None, None)
    return codec


# ------------------------------------------------------------------------------------- there and back


@pytest.mark.parametrize("value", VALUES)
def test_an_object_comes_back_as_it_was(codec, value):
    found = codec.loads(codec.dumps([value, {"k": value}, (value,)]))
    assert found[0] == value
    assert type(found[0]) is type(value)
    assert found[1:] == [{"k": value}, (value,)]
    assert codec.dumps(found[0]) == codec.dumps(value)


def test_objects_are_written_for_other_languages_to_read(codec):
    assert json.loads(codec.dumps(Color.GREEN)) == {"$type": "Color", "value": "GREEN"}
    assert json.loads(codec.dumps(ITEM)) == {
        "$type": "Item",
        "value": {
            "name": "ball",
            "price": {"$type": "decimal", "value": "1.10"},
            "color": {"$type": "Color", "value": "GREEN"},
        },
    }
    assert json.loads(codec.dumps(shop.Pair(shop.Size.SMALL)))["value"] == {
        "left": {"$type": "Size", "value": "SMALL"},
        "right": None,
    }


def test_neither_constructor_nor_validator_is_called(codec, monkeypatch):
    assert codec.loads(codec.dumps(ORDER)).made == ["made"]
    assert codec.loads(codec.dumps(CUSTOMER)).checked == CUSTOMER.checked
    text = codec.dumps([ORDER, CUSTOMER, ITEM])
    for kind in (Order, Customer, Item):
        monkeypatch.setattr(kind, "__init__", lambda *_, **__: pytest.fail("called"))
    assert codec.loads(text) == [ORDER, CUSTOMER, ITEM]


def test_a_model_keeps_what_is_beside_its_fields(codec):
    found = codec.loads(codec.dumps(CUSTOMER))
    assert found.model_extra == CUSTOMER.model_extra
    assert found._secret == "hidden"
    found.name = "Bob"
    assert found.model_dump(by_alias=True)["fullName"] == "Bob"


def test_what_was_not_there_when_it_was_written_has_its_default(codec):
    text = '{"$type": "Item", "value": {"name": "old", "price": 1, "gone": true}}'
    assert codec.loads(text) == Item("old", 1, Color.RED)
    text = '{"$type": "Customer", "value": {"name": "old", "home": null}}'
    found = codec.loads(text)
    assert (found.tags, found.checked) == (set(), 0)
    assert codec.loads('{"$type": "Pair", "value": {"left": 1}}') == (1, None)


@pytest.mark.parametrize("name", ["Item", "Customer", "Pair"])
def test_what_is_missing_and_has_no_default_is_an_error(codec, name):
    with pytest.raises(SerializationError, match=f"a stored {name} cannot be read: it has no '"):
        codec.loads(f'{{"$type": "{name}", "value": {{}}}}')


@pytest.mark.parametrize("value", ["1", "null", '"x"', "[1]"])
@pytest.mark.parametrize("name", [kind.__name__ for kind in CLASSES])
def test_a_stored_value_that_does_not_fit_its_class_is_an_error(codec, name, value):
    try:
        codec.loads(f'{{"$type": "{name}", "value": {value}}}')
    except SerializationError as error:
        assert f"a stored {name} cannot be read" in str(error)  # noqa: PT017


def test_a_class_may_say_itself_how_it_is_written(codec):
    codec.types.register(
        shop.Stranger,
        "stranger",
        lambda s: {"name": s.name, "of": Color.RED},
        lambda v: shop.Stranger(v["name"]),
    )
    text = codec.dumps([shop.Stranger("bob")])
    assert json.loads(text)[0]["value"]["of"] == {"$type": "Color", "value": "RED"}
    assert codec.loads(text)[0].name == "bob"


def test_errors_are_values_too(codec):
    found = codec.loads(codec.dumps([ValueError("bad", ITEM), {"e": KeyError("k")}]))
    assert type(found[0]) is ValueError
    assert found[0].args == ("bad", ITEM)
    assert type(found[1]["e"]) is KeyError


# ------------------------------------------------------------------------------------------ which ones


def hints_of(*hints: Any) -> Codec:
    def fn() -> None: ...

    fn.__annotations__ = {f"p{i}": hint for i, hint in enumerate(hints)}
    codec = Codec()
    codec.learn(fn)
    return codec


@pytest.mark.parametrize(
    "hint",
    [
        Item,
        list[Item],
        dict[str, tuple[Item, ...]],
        Optional[Item],  # noqa: UP045
        Annotated[Item, "any"],
        NewType("Ware", Item),
        shop.Line,
        list[shop.Order],
        shop.Point[Item],
        type(
            "Basket",
            (pydantic.BaseModel,),
            {"__annotations__": {"items": list[Item]}, "__module__": __name__},
        ),
        typing.NamedTuple("Two", [("one", Item)]),
        "shop.Item",
        "list[shop.Order | None]",
    ],
    ids=str,
)
def test_what_a_hint_leads_to_is_restored(hint):
    def fn(value): ...

    fn.__annotations__ = {"value": hint}
    codec = Codec()
    codec.learn(fn)
    assert codec.loads(codec.dumps([ITEM])) == [ITEM]


def test_hints_are_read_when_they_are_needed():
    """They may name what is defined below, and one that names nothing does not spoil the others."""
    codec = Codec()
    namespace: dict[str, Any] = {}
    exec("def fn(a: 'Later', b: 'Never') -> None: ...", namespace)
    codec.learn(namespace["fn"])
    later = dataclasses.make_dataclass("Later", [("x", int)])
    with pytest.raises(SerializationError, match="Later"):
        codec.dumps(later(1))
    namespace["Later"] = later
    assert codec.loads(codec.dumps(later(1))) == later(1)


def test_hints_may_name_what_is_local_to_a_function():
    @dataclasses.dataclass
    class Local:
        x: int

    def fn(value: "Local") -> Local:
        return Local(1)

    codec = Codec()
    codec.learn(fn)
    assert codec.loads(codec.dumps(Local(1))) == Local(1)


@pytest.mark.parametrize("value", VALUES)
def test_a_class_that_nobody_has_named_is_refused(value):
    codec = Codec()
    kind = type(value)
    with pytest.raises(
        SerializationError,
        match=rf"the thing cannot.*shop\.{kind.__name__} has no JSON form; register it with"
        rf" `app\.register_type\({kind.__name__}\)`, or name it in a type hint",
    ):
        codec.dumps(value, "thing")


def test_an_object_of_a_subclass_is_not_of_the_class(codec):
    class Toy(Item):
        pass

    with pytest.raises(SerializationError, match="Toy has no JSON form"):
        codec.dumps(Toy("ball", 1))


@pytest.mark.parametrize(
    "name",
    [
        "Item",
        "tests_py.serialization.shop:Item",
        "shop.Item",
        "subprocess:Popen",
        "builtins.eval",
        "",
        "wave.Error",
    ],
)
def test_a_stored_name_makes_no_class_known(name):
    text = json.dumps({"$type": name, "value": {"name": "x", "price": 1}})
    before = set(sys.modules)
    with pytest.raises(SerializationError, match="unknown type"):
        Codec().loads(text)
    assert set(sys.modules) == before


@pytest.mark.parametrize("name", [["a"], {"a": 1}, 7, None, True])
def test_a_type_that_is_no_name_is_refused_or_left_alone(name):
    text = json.dumps({"$type": name, "value": 1})
    try:
        assert Codec().loads(text) == {"$type": name, "value": 1}
    except SerializationError as error:
        assert "unknown type" in str(error)  # noqa: PT017


def test_a_stored_error_runs_no_code_of_a_module():
    module = types.ModuleType("lazy_module")
    module.__getattr__ = lambda name: pytest.fail("imported")  # type: ignore[method-assign]
    sys.modules["lazy_module"] = module
    try:
        text = json.dumps({"name": "E", "message": "m", "data": {"python": {"type": "lazy_module:E.F"}}})
        assert type(Codec().load_error(text)).__name__ == "ApplicationError"
    finally:
        del sys.modules["lazy_module"]


def test_a_stored_error_sets_no_property():
    class Guarded(Exception):
        @property
        def path(self):
            return None

        @path.setter
        def path(self, value):
            pytest.fail("called")

    sys.modules[__name__].Guarded = Guarded
    python = {"type": f"{__name__}:Guarded", "args": ["x"], "state": {"path": "/etc/passwd"}}
    found = Codec().load_error(json.dumps({"name": "Guarded", "message": "x", "data": {"python": python}}))
    assert type(found) is Guarded
    assert found.path is None


# ---------------------------------------------------------------------------------------------- names


def test_two_classes_of_one_name_need_another():
    other = dataclasses.make_dataclass("Item", [("x", int)], namespace={"__module__": "tax"})
    codec = hints_of(Item, other)
    for value in (ITEM, other(1)):
        with pytest.raises(
            SerializationError, match=r"several types 'Item': tax\.Item and tests_py\S+shop\.Item"
        ):
            codec.dumps(value)
    with pytest.raises(SerializationError, match="several types 'Item'"):
        codec.loads('{"$type": "Item", "value": {"x": 1}}')
    codec.types.register(other, "tax.Item", None, None)
    codec.types.register(Item, None, None, None)
    for value in (ITEM, other(1)):
        assert codec.loads(codec.dumps(value)) == value


def test_a_name_is_given_once(codec):
    other = dataclasses.make_dataclass("Item", [("x", int)])
    with pytest.raises(InvalidArgument, match="two types are named 'Item'"):
        codec.types.register(other, None, None, None)
    codec.types.register(Item, None, None, None)


def test_a_class_that_is_given_another_name_has_that(codec):
    codec.types.register(Item, "ware", None, None)
    assert json.loads(codec.dumps(ITEM))["$type"] == "ware"
    assert codec.loads(codec.dumps(ITEM)) == ITEM
    with pytest.raises(SerializationError, match="unknown type 'Item'"):
        codec.loads('{"$type": "Item", "value": {}}')


@pytest.mark.parametrize("name", ["date", "error", "tuple", "serializer:x", ""])
def test_a_name_that_means_something_else_is_refused(codec, name):
    with pytest.raises(InvalidArgument, match="cannot be named"):
        codec.types.register(Item, name, None, None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((shop.Stranger, None, None, None), "no enum, dataclass, named tuple or pydantic model"),
        ((shop.Stranger, None, str, None), "both or not at all"),
        ((ITEM, None, None, None), "is no class"),
        ((dict, "mapping", None, None), "no enum"),
        ((dataclasses.make_dataclass("D", [("x", int)], bases=(dict,)), None, None, None), "no enum"),
    ],
    ids=lambda a: str(a)[:40],
)
def test_what_cannot_be_registered(codec, arguments, message):
    with pytest.raises(InvalidArgument, match=message):
        codec.types.register(*arguments)


def test_an_enum_tells_of_a_member_that_is_gone(codec):
    with pytest.raises(SerializationError, match="a stored Color cannot be read: it has no member 'BLUE'"):
        codec.loads('{"$type": "Color", "value": "BLUE"}')


def test_string_enums_are_enums(codec):
    class Kind(str, enum.Enum):
        A = "a"

    codec.types.register(Kind, None, None, None)
    assert codec.loads(codec.dumps({"k": Kind.A}))["k"] is Kind.A
