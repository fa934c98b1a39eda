"""What the server is told: its `cassandra.yaml` and the options of its Java.

"cassandra.yaml file configuration" and "Configuring Cassandra", Apache Cassandra documentation.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

# What Cassandra 5 reaches in Java 17: `conf/jvm17-server.options` of its distribution.
_EXPORTS = (
    "java.base/jdk.internal.misc",
    "java.base/java.lang.ref",
    "java.management.rmi/com.sun.jmx.remote.internal.rmi",
    "java.rmi/sun.rmi.registry",
    "java.rmi/sun.rmi.server",
    "java.sql/java.sql",
    "jdk.attach/sun.tools.attach",
    "jdk.compiler/com.sun.tools.javac.file",
    "jdk.unsupported/sun.misc",
)
_OPENS = (
    *(f"java.base/java.{name}" for name in ("io", "lang", "lang.module", "lang.reflect", "util")),
    *(
        f"java.base/jdk.internal.{name}"
        for name in ("loader", "math", "module", "ref", "reflect", "util.jar")
    ),
    "java.base/sun.nio.ch",
    "jdk.compiler/com.sun.tools.javac",
    "jdk.management/com.sun.management.internal",
)

_LOGBACK = """<configuration>
  <appender name="ERR" class="ch.qos.logback.core.ConsoleAppender">
    <target>System.err</target>
    <encoder><pattern>%level %date{ISO8601} %logger{1} %msg%n</pattern></encoder>
  </appender>
  <root level="WARN"><appender-ref ref="ERR" /></root>
</configuration>
"""


def write_settings(state: Path, port: int, storage_port: int) -> Path:
    """Write the server's settings and the layout of its log; returns the file of the settings."""
    (state / "logback.xml").write_text(_LOGBACK)
    file = state / "cassandra.yaml"
    # JSON is YAML.
    file.write_text(json.dumps(_settings(state, port, storage_port), indent=2))
    return file


def java_options(state: Path, settings: Path, jars: Path) -> list[str]:
    """The options of Java, with the class to start."""
    properties = {
        "cassandra.config": settings.as_uri(),
        "cassandra.storagedir": state / "data",
        "cassandra.logdir": state,
        "logback.configurationFile": state / "logback.xml",
        # One node alone has nobody to wait for.
        "cassandra.superuser_setup_delay_ms": 0,
        "cassandra.skip_wait_for_gossip_to_settle": 0,
        "cassandra.ring_delay_ms": 0,
        "cassandra.join_ring": "true",
        # No port for Java's management.
        "com.sun.management.jmxremote": "false",
        "jdk.attach.allowAttachSelf": "true",
        "io.netty.tryReflectionSetAccessible": "true",
        "java.io.tmpdir": state,
    }
    return [
        # A page of 40 MB takes several times that.
        *("-Xms256m", "-Xmx640m", "-XX:MaxDirectMemorySize=256m", "-XX:+UseSerialGC", "-Xss512k"),
        *("-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-XX:+ExitOnOutOfMemoryError"),
        # What measures objects; without it the size of memtables is a guess.
        *(f"-javaagent:{jar}" for jar in jars.glob("*jamm-*.jar")),
        *(f"--add-exports={name}=ALL-UNNAMED" for name in _EXPORTS),
        *(f"--add-opens={name}=ALL-UNNAMED" for name in _OPENS),
        *(f"-D{name}={value}" for name, value in properties.items()),
        *("-cp", str(jars / "*")),
        "org.apache.cassandra.service.CassandraDaemon",
    ]


def _settings(state: Path, port: int, storage_port: int) -> dict[str, Any]:
    return {
        "cluster_name": "shop",
        "num_tokens": 1,
        "partitioner": "org.apache.cassandra.dht.Murmur3Partitioner",
        "endpoint_snitch": "SimpleSnitch",
        "listen_address": "127.0.0.1",
        "rpc_address": "127.0.0.1",
        "storage_port": storage_port,
        "native_transport_port": port,
        "seed_provider": [
            {
                "class_name": "org.apache.cassandra.locator.SimpleSeedProvider",
                "parameters": [{"seeds": f"127.0.0.1:{storage_port}"}],
            }
        ],
        # As strict as a cluster in production: a password, rights, TLS and nothing without it.
        "authenticator": "PasswordAuthenticator",
        "authorizer": "CassandraAuthorizer",
        "role_manager": "CassandraRoleManager",
        # A right that is taken away is gone at once.
        **{f"{name}_validity": "0ms" for name in ("permissions", "roles", "credentials")},
        "client_encryption_options": {
            "enabled": True,
            "optional": False,
            "require_client_auth": False,
            "ssl_context_factory": {
                "class_name": "org.apache.cassandra.security.PEMBasedSslContextFactory",
                "parameters": {},
            },
            "keystore": str(state / "identity.pem"),
        },
        "commitlog_sync": "periodic",
        "commitlog_sync_period": "1000ms",
        "memtable_heap_space": "64MiB",
        "memtable_offheap_space": "64MiB",
        "file_cache_size": "32MiB",
        "networking_cache_size": "16MiB",
        "key_cache_size": "4MiB",
        "concurrent_reads": 4,
        "concurrent_writes": 4,
        "concurrent_compactors": 1,
        "auto_snapshot": False,
        "uuid_sstable_identifiers_enabled": True,
    }
