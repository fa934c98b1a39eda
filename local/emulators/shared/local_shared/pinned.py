"""Access to a library's private names, checked at start.

The extensions replace and call what the emulators they extend do not publish. A release may rename any of
it, and a replacement that nobody calls fails silently; so every extension declares the names it touches.
"""

import importlib
import importlib.metadata
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class MissingNameError(RuntimeError):
    """The installed library lacks a name that an extension replaces or calls."""


@dataclass(frozen=True)
class Pinned:
    """A library at the version that the extensions are written for.

    name: as people write it. distribution: as the package index does. requirements: the file that pins it.
    """

    name: str
    distribution: str
    requirements: Path

    def version(self) -> str:
        """The version that is pinned."""
        pin = rf"^{re.escape(self.distribution)}(?:\[\w+\])?==(\S+)"
        match = re.search(pin, self.requirements.read_text(), re.MULTILINE)
        if match is None:
            line = f"{self.distribution}==<version>"
            raise RuntimeError(f"{self.requirements}: no line '{line}'; pin {self.name} there")
        return match.group(1)

    def private(self, extension: str, module: str, *names: str) -> Any:
        """Import a module for an extension, once all the names the extension uses in it exist.

        A name may be dotted (``Worker.invoke``). Raises MissingNameError naming extension, name and pin.
        """
        loaded = importlib.import_module(module)
        for name in names:
            owner: Any = loaded
            for part in name.split("."):
                if not hasattr(owner, part):
                    installed = importlib.metadata.version(self.distribution)
                    raise MissingNameError(
                        f"extension '{extension}' needs {module}.{name}, which {self.name} {installed} does "
                        f"not have; it is written for {self.version()}: install that, or adapt the extension"
                    )
                owner = getattr(owner, part)
        return loaded


def replace(owner: Any, name: str, build: Callable[[Any], Any]) -> None:
    """Replace ``owner.name`` by ``build(original)``, so that the replacement can call the original."""
    setattr(owner, name, build(getattr(owner, name)))
