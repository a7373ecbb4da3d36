"""JSON-LD that archives read: RO-Crate metadata with schema.org's terms, and this project's own data inside it.

A file is detached RO-Crate metadata: a flat list of entities, each with `@id` and `@type`. What only Ringfence reads
stands in one entity as a text of JSON, because programs that read crates, such as rocrate-py, refuse a mapping within
an entity.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Entity = Mapping[str, object]

CRATE = "https://w3id.org/ro/crate/1.1"
LICENCE = "https://spdx.org/licenses/MIT"
"""Of the software itself."""

RECORD = "ringfenceRecord"
"""The property that holds this project's own data, as a text of JSON; in files of 0.1 as the mapping itself."""

DIGEST = "sha256"
"""The property of the root that holds the digest of the data."""


def refer_to(name: str) -> dict[str, str]:
    """A reference to another entity of the same file."""
    return {"@id": name}


def make_crate(root: Entity, entities: Sequence[Entity]) -> dict[str, object]:
    """An RO-Crate document: what the whole is (`root`, without its `@id` and `@type`), and the entities in it."""
    descriptor = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "conformsTo": refer_to(CRATE),
        "about": refer_to("./"),
    }
    whole = {"@id": "./", "@type": "Dataset", **root}
    terms = {RECORD: "urn:ringfence:record", DIGEST: "urn:ringfence:sha256"}
    return {"@context": [f"{CRATE}/context", terms], "@graph": [descriptor, whole, *entities]}


def describe_software(version: str) -> Entity:
    """Ringfence as schema.org has software; other entities refer to it as `#ringfence`."""
    return {
        "@id": "#ringfence",
        "@type": "SoftwareApplication",
        "name": "Ringfence",
        "softwareVersion": version,
        "license": LICENCE,
    }
