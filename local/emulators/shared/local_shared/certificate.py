"""A certificate for a server of this machine."""

from __future__ import annotations

from pathlib import Path

import trustme


def certify(state: Path) -> trustme.LeafCert:
    """A new certificate of 127.0.0.1; its authority is written to ``authority.pem`` in the folder."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(state / "authority.pem"))
    return authority.issue_cert("127.0.0.1", "localhost")


def certificate_files(state: Path) -> dict[str, Path]:
    """The same as files of the folder: ``cert`` and ``key``, which only their owner may read."""
    issued = certify(state)
    files = {name: state / f"{name}.pem" for name in ("cert", "key")}
    files["key"].touch(mode=0o600)
    issued.private_key_pem.write_to_path(str(files["key"]))
    issued.cert_chain_pems[0].write_to_path(str(files["cert"]))
    return files
