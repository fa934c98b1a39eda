"""The process environment MiniStack reads when it is imported, and that its children inherit."""

import os
import tempfile

from local_aws.options import Options


def prepare(options: Options) -> None:
    """Point everything MiniStack writes below the state folder. Must run before MiniStack is imported.

    Two instances that shared a folder would overwrite each other's Lambda code and Glue scripts.
    """
    folders = {
        "TMPDIR": options.state / "tmp",
        "STATE_DIR": options.state / "ministack",
        "S3_DATA_DIR": options.state / "s3",
    }
    for name, folder in folders.items():
        folder.mkdir(parents=True, exist_ok=True)
        os.environ[name] = str(folder)
    # Lambdas are unpacked there; Node must not take the module type of a package.json further up.
    (folders["TMPDIR"] / "package.json").write_text('{"type": "commonjs"}\n')
    tempfile.tempdir = None  # the interpreter may have settled on a folder before TMPDIR was set
    os.environ |= {
        "GATEWAY_PORT": str(options.port),
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": options.region,
        "IOT_MTLS_ENABLED": "0",  # else every instance wants port 8883
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": options.log_level,
        "SFN_WAIT_SCALE": str(options.wait_scale),
        # For Lambdas and Glue jobs: the SDKs honour these, so no code knows where it runs.
        "AWS_ENDPOINT_URL": options.endpoint,
        "AWS_REGION": options.region,
        "AWS_DEFAULT_REGION": options.region,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    if options.source_endpoint:
        os.environ["SOURCE_ENDPOINT_URL"] = options.source_endpoint
    for service, endpoint in (("AZURE", options.azure_endpoint), ("GCS", options.gcs_endpoint)):
        if endpoint:
            os.environ[f"{service}_ENDPOINT_URL"] = endpoint
    if options.kafka_brokers:
        os.environ["MINISTACK_MSK_BOOTSTRAP_SASL_SCRAM"] = options.kafka_brokers
    if options.durable:
        os.environ |= {"PERSIST_STATE": "1", "S3_PERSIST": "1"}
    for inherited in (
        "AWS_PROFILE",
        "AWS_SESSION_TOKEN",
        "AWS_SHARED_CREDENTIALS_FILE",
        "USE_SSL",
        "SERVICES",
    ):
        os.environ.pop(inherited, None)
