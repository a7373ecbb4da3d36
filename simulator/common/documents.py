"""Documents for JSON: what one of a kind holds of something, by the names of its fields."""

from __future__ import annotations

from typing import TypeVar, cast

Document = TypeVar("Document")


def document_fields(kind: type[Document], described: object) -> Document:
    """A document of this kind, each field the attribute of its name."""
    return cast(Document, {name: getattr(described, name) for name in kind.__annotations__})
