"""The brokers of a stream: where they are, how to log in, and whether the topics are there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from reviews.errors import JobError
from reviews.stream.options import Options

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# What an MSK cluster calls its brokers for each kind of login.
# "GetBootstrapBrokers", Amazon MSK API Reference.
_BOOTSTRAP = {
    "iam": "BootstrapBrokerStringSaslIam",
    "scram": "BootstrapBrokerStringSaslScram",
    "none": "BootstrapBrokerStringTls",
}

_SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
_IAM = "software.amazon.msk.auth.iam"

# How long a broker may take to answer the first question (ms).
_ANSWER_MS = "20000"


def client_options(options: Options) -> dict[str, str]:
    """Settings of every client of Kafka, in Kafka's own names. Nothing is ever read without TLS."""
    secret = _secret(options.secret) if options.secret else {}
    found = {"bootstrap.servers": options.bootstrap or _brokers(options), "security.protocol": "SSL"}
    if options.authentication != "none":
        found["security.protocol"] = "SASL_SSL"
    if options.authentication == "iam":
        found |= {
            "sasl.mechanism": "AWS_MSK_IAM",
            "sasl.jaas.config": f"{_IAM}.IAMLoginModule required;",
            "sasl.client.callback.handler.class": f"{_IAM}.IAMClientCallbackHandler",
        }
    if options.authentication == "scram":
        if missing := sorted({"username", "password"} - set(secret)):
            raise JobError(
                f"secret {options.secret} holds no {missing[0]}; store a JSON object with username and"
                " password"
            )
        user, password = (_quoted(secret[name]) for name in ("username", "password"))
        found |= {
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.jaas.config": f"{_SCRAM} required username={user} password={password};",
        }
    if authority := secret.get("certificateAuthority"):
        found |= {"ssl.truststore.type": "PEM", "ssl.truststore.certificates": authority}
    return found


def check(spark: SparkSession, options: Options, client: dict[str, str]) -> int:
    """The number of partitions of the topic.

    Raises:
        JobError: the brokers cannot be reached, refuse the login, or have no such topic; it says what to do.
    """
    jvm: Any = spark._jvm  # Spark's own client of Kafka is the one at hand
    properties = jvm.java.util.Properties()
    for name, value in (
        client | {"default.api.timeout.ms": _ANSWER_MS, "request.timeout.ms": "10000"}
    ).items():
        properties.setProperty(name, value)
    topics = [options.topic, options.dead_letter_topic]
    names = jvm.java.util.ArrayList()
    for topic in topics:
        names.add(topic)
    try:
        admin = jvm.org.apache.kafka.clients.admin.AdminClient.create(properties)
        try:
            described = admin.describeTopics(names).topicNameValues()
            partitions = [described.get(topic).get().partitions().size() for topic in topics]
        finally:
            admin.close()
    except Exception as error:
        raise JobError(
            sentence(str(error), options)
            or f"stream {options.stream}: the brokers cannot be asked: {type(error).__name__}"
        ) from None
    return int(partitions[0])


_SENTENCES = (
    (
        "UnknownTopicOrPartition",
        "topic {topic} or {dead_letter_topic} does not exist: create both, or correct the setting streams",
    ),
    (
        "SaslAuthentication",
        "the brokers refuse the login: correct the secret {secret}; the next run reads it",
    ),
    (
        "Authorization",
        "the login may not read topic {topic} or not write to {dead_letter_topic}: grant it on the brokers",
    ),
    (
        "SslAuthentication",
        "the brokers show a certificate that cannot be trusted: see whether it has expired, or put the"
        " certificate of their authority into the secret as certificateAuthority",
    ),
    (
        "RecordTooLarge",
        "a dead letter is too large for topic {dead_letter_topic}: set its max.message.bytes to 1048576"
        " or more",
    ),
    (
        "data loss",
        "topic {topic} no longer has messages that were not stored yet, or was made again. What is gone is"
        " gone: docs/streams.md says how to go on, and how long a topic should keep its messages",
    ),
    (
        "Timeout",
        "the brokers do not answer: see whether they run and whether the network lets the job reach them",
    ),
    ("Bootstrap", "the addresses of the brokers cannot be found: correct the setting streams"),
)


def sentence(error: str, options: Options) -> str | None:
    """What an error of Kafka means for this stream, and what to do; its first words where nobody knows."""
    values = {
        "topic": options.topic,
        "dead_letter_topic": options.dead_letter_topic,
        "secret": options.secret or "of the setting streams",
    }
    for mark, text in _SENTENCES:
        if mark.lower() in error.lower():
            return f"stream {options.stream}: {text.format(**values)}"
    return None


def _quoted(text: str) -> str:
    """A text of a configuration of JAAS, whose quotes and backslashes are escaped."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _brokers(options: Options) -> str:
    import boto3

    found = boto3.client("kafka").get_bootstrap_brokers(ClusterArn=options.cluster or "")
    name = _BOOTSTRAP[options.authentication]
    if brokers := found.get(name):
        return str(brokers)
    raise JobError(
        f"cluster {options.cluster} has no brokers for the login {options.authentication} ({name}): turn"
        " it on there, or choose another authentication in the setting streams"
    )


def _secret(name: str) -> dict[str, str]:
    import boto3

    try:
        text = boto3.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
    except Exception as error:
        raise JobError(
            f"secret {name} cannot be read ({type(error).__name__}): store it, as docs/streams.md says"
        ) from None
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise JobError(f"secret {name} is no JSON object of texts: store it, as docs/streams.md says")
    return found
