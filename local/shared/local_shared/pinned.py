"""Access to MiniStack's private names, checked at start.

The extensions replace functions that MiniStack does not publish. A release may rename any of them, and a
replacement that nobody calls fails silently; so every extension declares the names it touches.
"""

import importlib
import importlib.metadata
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

_REQUIREMENTS = Path(__file__).parent.parent / "requirements.in"


class MissingNameError(RuntimeError):
    """The installed MiniStack lacks a name that an extension replaces or calls."""


def pinned_version() -> str:
    """The MiniStack version the extensions are written for, as requirements.in pins it."""
    match = re.search(r"^ministack==(\S+)", _REQUIREMENTS.read_text(), re.MULTILINE)
    if match is None:
        raise RuntimeError(f"{_REQUIREMENTS}: no line 'ministack==<version>'; pin MiniStack there")
    return match.group(1)


def private(extension: str, module: str, *names: str) -> Any:
    """Import a MiniStack module for an extension, once all the names the extension uses in it exist.

    A name may be dotted (``Worker.invoke``). Raises MissingNameError naming extension, name and pin.
    """
    loaded = importlib.import_module(module)
    for name in names:
        owner: Any = loaded
        for part in name.split("."):
            if not hasattr(owner, part):
                installed = importlib.metadata.version("ministack")
                raise MissingNameError(
                    f"extension '{extension}' needs {module}.{name}, which MiniStack {installed} does not "
                    f"have; it is written for {pinned_version()}: install that, or adapt the extension"
                )
            owner = getattr(owner, part)
    return loaded


def replace(owner: Any, name: str, build: Callable[[Any], Any]) -> None:
    """Replace ``owner.name`` by ``build(original)``, so that the replacement can call the original."""
    setattr(owner, name, build(getattr(owner, name)))
