"""Classes of a program, of every kind that says itself how it is written."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
from typing import Any, Generic, NamedTuple, TypedDict, TypeVar

import pydantic

T = TypeVar("T")


class Color(enum.Enum):
    RED = "red"
    GREEN = (1, 2)


class Size(enum.IntEnum):
    SMALL = 1
    LARGE = 2


class Right(enum.Flag):
    READ = 1
    WRITE = 2


@dataclasses.dataclass
class Item:
    name: str
    price: decimal.Decimal
    color: Color = Color.RED


@dataclasses.dataclass(frozen=True)
class Order:
    id: int
    items: list[Item]
    placed: dt.date
    parent: Order | None = None
    made: list[str] = dataclasses.field(default_factory=list, compare=False)

    def __post_init__(self) -> None:
        self.made.append("made")


@dataclasses.dataclass(slots=True)
class Point(Generic[T]):
    x: T
    y: T


class Pair(NamedTuple):
    left: Size
    right: Any = None


class Address(pydantic.BaseModel):
    street: str
    since: dt.date


class Customer(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="allow")

    name: str = pydantic.Field(alias="fullName")
    home: Address
    tags: set[str] = set()
    checked: int = 0
    _secret: str = pydantic.PrivateAttr(default="hidden")

    @pydantic.field_validator("checked")
    @classmethod
    def _count(cls, value: int) -> int:
        return value + 1


class Line(TypedDict):
    item: Item
    size: Size


class Stranger:
    """Of no kind that is known."""

    def __init__(self, name: str) -> None:
        self.name = name


ADDRESS = Address(street="Main", since=dt.date(2030, 1, 1))
CUSTOMER = Customer(fullName="Ada", home=ADDRESS, tags={"a", "b"}, more=[dt.date(2031, 1, 1)])
ITEM = Item("ball", decimal.Decimal("1.10"), Color.GREEN)
ORDER = Order(7, [ITEM], dt.date(2030, 1, 1), Order(6, [], dt.date(2029, 1, 1)))

VALUES: list[Any] = [
    Color.RED,
    Color.GREEN,
    Size.LARGE,
    Right.READ,
    Right.READ | Right.WRITE,
    Right(0),
    ITEM,
    ORDER,
    Point(1, 2.5),
    Point(Point(0, 0), [Color.RED]),
    Pair(Size.SMALL),
    Pair(Size.SMALL, (1, {2})),
    ADDRESS,
    CUSTOMER,
]
CLASSES = [Color, Size, Right, Item, Order, Point, Pair, Address, Customer]
