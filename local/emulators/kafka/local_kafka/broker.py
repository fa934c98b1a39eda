"""The process of the broker: one node that is broker and controller (KRaft)."""

import ctypes
import json
import secrets
import signal
import subprocess
import sys
from pathlib import Path

from local_shared.serving import end, free_port

from local_kafka.certificates import make_certificates

_USER = "reviews"
_CLUSTER_ID = "cmV2aWV3LXBpcGVsaW5lIQ"  # 16 bytes in Base64, as KRaft wants them

_JAVA_OPTIONS = ("-Xmx384m", "-XX:+UseSerialGC")

# A program that ends soon is quicker with the simple compiler alone. The broker is not: only the other one
# uses the processor's instructions for AES, and encryption is most of its work.
_SHORT_LIVED = "-XX:TieredStopAtLevel=1"

_LOG4J = Path(__file__).parent / "log4j2.properties"

# The largest message that it takes (bytes): larger than the largest record that the pipeline reads.
MESSAGE_BYTES = 32 * 1024 * 1024

_STOP_SECONDS = 15


class Broker:
    """A broker on 127.0.0.1 whose data outlives it."""

    def __init__(self, port: int, state: Path, jars: Path) -> None:
        """Nothing runs until start."""
        self.address = f"127.0.0.1:{port}"
        self.login_file = state / "login.json"
        self._port = port
        self._state = state
        self._jars = jars
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make what the broker needs where the folder is new, and start it; it may not serve yet."""
        self._state.mkdir(parents=True, exist_ok=True)
        if not self.login_file.exists():
            authority, self_signed = make_certificates()
            (self._state / "broker.pem").write_text(self_signed)
            password = secrets.token_urlsafe(24)
            self._configure()
            self._format(password)
            login = {"username": _USER, "password": password, "certificateAuthority": authority}
            self.login_file.touch(mode=0o600)
            self.login_file.write_text(json.dumps(login))
        self._run()

    def start_again_if_ended(self) -> None:
        """Start the broker once more where it was killed."""
        if self._process is not None and self._process.poll() is not None:
            self._run()

    def stop(self) -> None:
        """End the broker, in order if it does so soon."""
        if self._process is not None:
            end(self._process, _STOP_SECONDS)

    def _run(self) -> None:
        with (self._state / "broker.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 (Java, with options of our own)
                [*self._java(), "kafka.Kafka", str(self._properties)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )
        (self._state / "broker.pid").write_text(str(self._process.pid))

    def _java(self, *options: str) -> list[str]:
        return [
            "java",
            *_JAVA_OPTIONS,
            *options,
            f"-Dlog4j2.configurationFile={_LOG4J}",
            "-cp",
            f"{self._jars}/*",
        ]

    @property
    def _properties(self) -> Path:
        return self._state / "server.properties"

    def _format(self, password: str) -> None:
        login = f"SCRAM-SHA-512=[name={_USER},password={password}]"
        command = ["format", "--config", str(self._properties), "--cluster-id", _CLUSTER_ID, "--standalone"]
        done = subprocess.run(  # noqa: S603 (Java, with options of our own)
            [*self._java(_SHORT_LIVED), "kafka.tools.StorageTool", *command, "--add-scram", login],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"The broker's folder could not be made: {done.stdout}{done.stderr}")

    def _configure(self) -> None:
        inside, controller = free_port(), free_port()
        scram = "org.apache.kafka.common.security.scram.ScramLoginModule"
        settings = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.listener.names": "CONTROLLER",
            "controller.quorum.bootstrap.servers": f"127.0.0.1:{controller}",
            "listeners": f"CLIENT://127.0.0.1:{self._port},INSIDE://127.0.0.1:{inside},"
            f"CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"CLIENT://{self.address},INSIDE://127.0.0.1:{inside}",
            "listener.security.protocol.map": "CLIENT:SASL_SSL,INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "INSIDE",
            "sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.client.scram-sha-512.sasl.jaas.config": f"{scram} required;",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self._state / "broker.pem"),
            "log.dirs": str(self._state / "data"),
            "auto.create.topics.enable": "false",
            "message.max.bytes": str(MESSAGE_BYTES),
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "1",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "transaction.state.log.num.partitions": "1",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
        }
        self._properties.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))


def _end_with_parent() -> None:
    """Have Linux kill the broker when this process ends, however it does (prctl(2), PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
