"""Both jobs on a file of one form, with a contract that says what the form needs."""

import json
import shutil
import sys
from functools import reduce
from operator import add
from pathlib import Path

import forms_on_disk as forms
import measure
import reviews_on_disk as disk

ROOT = Path(__file__).resolve().parents[2]


class Package:
    """The scripts as Glue gets them, contracts inside, and contracts of the bench's own beside the
    project's."""

    def __init__(self, folder: Path) -> None:
        """Copies the scripts and contracts into `folder`."""
        self._folder = folder
        self._contracts = folder / "reviews/contracts"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(ROOT / "glue-scripts", folder, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(ROOT / "contracts", self._contracts)

    def source(self, form: forms.Form) -> str:
        """The name of a contract for native reviews in this form."""
        if form.wrapper is None and form.syntax == form.format == "json":
            return "native"
        name = "bench-" + "".join(letter if letter.isalnum() else "-" for letter in form.name.lower())
        document = json.loads((self._contracts / "sources/native.json").read_text())
        document |= {"source": name, "format": form.format}
        if form.syntax != "json":
            document["syntax"] = form.syntax
        if form.format != "json":  # flat rows
            del document["lists"]
            document["fields"] = {
                field: [".".join(path) if isinstance(path, list) else path for path in places]
                for field, places in document["fields"].items()
            }
        if form.wrapper is not None:
            document["wrapper"] = {
                "paths": [list(path) for path in form.wrapper.paths],
                "holds": form.wrapper.holds,
            }
        (self._contracts / f"sources/{name}.json").write_text(json.dumps(document))
        return name

    def run(self, form: forms.Form, written: forms.FormSet, folder: Path) -> measure.Usage:
        """What both jobs take on the file.

        Raises:
            measure.CommandError: a job failed.
        """
        shutil.rmtree(folder, ignore_errors=True)
        entry = {**form.manifest_entry, "source": self.source(form)}
        manifest = disk.write_manifest(folder, (written.path,), entry)
        usages = []
        for job in ("clean", "flatten"):
            command = [sys.executable, str(self._folder / f"{job}_reviews.py"), "--manifest", str(manifest)]
            usage, _ = measure.run(command, {"TMPDIR": str(folder)}, folder / f"{job}.log")
            usages.append(usage)
        return reduce(add, usages)
