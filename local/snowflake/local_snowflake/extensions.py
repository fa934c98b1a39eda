"""The extensions of fakesnow, put together."""

from dataclasses import dataclass

from local_snowflake import execution
from local_snowflake.engine import Engine
from local_snowflake.external_tables.objects import Objects
from local_snowflake.external_tables.statements import ExternalTableStatements
from local_snowflake.external_tables.tables import ExternalTables
from local_snowflake.file_formats import FileFormats
from local_snowflake.integrations import Integrations
from local_snowflake.login import Logins
from local_snowflake.notifications import Notifications, channel_arn
from local_snowflake.options import Options
from local_snowflake.pinned import private
from local_snowflake.protocol import Queries
from local_snowflake.stages import Stages
from local_snowflake.statements import Dispatcher
from local_snowflake.store import Store

_server = private("extensions", "fakesnow.server", "shared_fs")


@dataclass(frozen=True)
class Installed:
    """The parts that the server serves and starts."""

    engine: Engine
    queries: Queries
    logins: Logins
    notifications: Notifications
    tables: ExternalTables

    def start(self) -> None:
        """Make kept tables readable again and begin to listen for notifications."""
        self.tables.start()
        self.notifications.start()

    def stop(self) -> None:
        """Write everything down."""
        self.notifications.stop()
        self.engine.close()


def install(options: Options) -> Installed:
    """Build everything around one engine, and give it to fakesnow's server."""
    options.state.mkdir(parents=True, exist_ok=True)
    engine = Engine(options.state)
    _server.shared_fs = engine
    store = Store(engine.duck_conn)
    integrations = Integrations(store)
    formats = FileFormats(store)
    stages = Stages(store, integrations, formats)
    tables = ExternalTables(store, engine, Objects(options.s3_endpoint, options.region, options.state))
    channel = channel_arn(options.region, options.notification_queue_name)
    execution.install(
        Dispatcher(
            integrations.handlers(),
            formats.handlers(),
            stages.handlers(),
            ExternalTableStatements(tables, stages, formats, channel).handlers(),
        )
    )
    queries = Queries()
    logins = Logins(queries, options.public_key, options.user, lambda _: None, lambda _: True)
    notifications = Notifications(
        options.s3_endpoint, options.region, options.notification_queue_name, tables.notice
    )
    return Installed(engine, queries, logins, notifications, tables)
