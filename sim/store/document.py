"""A stored analysis as a contract: one model a kind, by which it is written, printed as JSON, and read back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A part of a document; what is not declared is refused, and what was left out stays out."""

    # model_probability and its like are numbers here, not methods of pydantic
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, protected_namespaces=())

    def plain(self) -> dict[str, Any]:
        """Return what JSON has, in the order of the declaration."""
        return self.model_dump(exclude_unset=True, by_alias=True)


class Document(Record):
    """Everything an analysis of one kind says."""

    kind: ClassVar[str]


D = TypeVar("D", bound=Document)


@dataclass(frozen=True, slots=True)
class Kept(Generic[D]):
    """A stored analysis as it is read back: what it is called, what it rests on, what it says."""

    kind: str
    key: str  # names everything that decides its numbers
    city: str
    runs: list[str]
    document: D
