"""Writes codemeta.json, which archives and registries read, from pyproject.toml and CITATION.cff.

`python scripts/write_codemeta.py` after a change of either; a test says if it was forgotten.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
FILE = ROOT / "codemeta.json"


def make_codemeta() -> str:
    """The text of codemeta.json. Raises ValueError where pyproject.toml and CITATION.cff do not agree."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = YAML(typ="safe").load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    if citation["version"] != project["version"] or citation["license"] != project["license"]:
        raise ValueError("CITATION.cff and pyproject.toml have different versions or licences")
    document = {
        "@context": "https://w3id.org/codemeta/3.0",
        "@type": "SoftwareSourceCode",
        "name": "Ringfence",
        "description": " ".join(citation["abstract"].split()),
        "version": project["version"],
        "softwareVersion": project["version"],
        "datePublished": citation["date-released"],
        "license": f"https://spdx.org/licenses/{project['license']}",
        "author": [{"@type": "Organization", "name": author["name"]} for author in citation["authors"]],
        "keywords": citation["keywords"],
        "programmingLanguage": {"@type": "ComputerLanguage", "name": "Python"},
        "runtimePlatform": f"Python {project['requires-python']}",
        "operatingSystem": ["Linux", "macOS", "Windows"],
        "applicationCategory": "Simulation",
        "developmentStatus": "active",
        "softwareRequirements": project["dependencies"],
        "softwareHelp": {"@type": "CreativeWork", "name": "README.md and docs/"},
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(make_codemeta(), encoding="utf-8")
