"""The extensions of fakesnow, put together."""

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from local_snowflake import (
    cancel,
    concerned_transforms,
    execution,
    functions,
    identifiers,
    merge,
    overhead,
    refused,
    results,
    session,
    transactions,
)
from local_snowflake import tables as created_tables
from local_snowflake.account.account import Account
from local_snowflake.account.privileges import Privileges
from local_snowflake.cancel import RunningStatements
from local_snowflake.catalogue import information_schema
from local_snowflake.catalogue.objects import ObjectStatements
from local_snowflake.catalogue.relations import Relations
from local_snowflake.engine import Engine
from local_snowflake.external_tables import table_functions
from local_snowflake.external_tables.files_read import FilesRead
from local_snowflake.external_tables.s3_objects import S3Objects
from local_snowflake.external_tables.statements import ExternalTableStatements
from local_snowflake.external_tables.tables import ExternalTables
from local_snowflake.file_formats import FileFormats
from local_snowflake.governance import references
from local_snowflake.governance.edition import gate
from local_snowflake.governance.masking import Masking
from local_snowflake.governance.masking_policies import MaskingPolicies
from local_snowflake.integrations import Integrations
from local_snowflake.login import Logins
from local_snowflake.notifications import Notifications, channel_arn
from local_snowflake.options import Options
from local_snowflake.pinned import private
from local_snowflake.protocol import Queries
from local_snowflake.stages import Stages
from local_snowflake.statement_shapes import StatementShapes
from local_snowflake.statements import Dispatcher
from local_snowflake.store import Store
from local_snowflake.temporary import TemporaryRelations
from local_snowflake.transient import TransientTables

_server = private("extensions", "fakesnow.server", "shared_fs", "session", "sessions", "to_token")


@dataclass(frozen=True)
class Installed:
    """The parts that the server serves and starts."""

    engine: Engine
    queries: Queries
    logins: Logins
    notifications: Notifications
    tables: ExternalTables
    temporary: TemporaryRelations
    running: RunningStatements
    files_read: FilesRead
    shapes: StatementShapes

    def start(self) -> None:
        """Make kept tables readable again and begin to listen for notifications."""
        self.temporary.start()
        self.tables.start()
        self.notifications.start()

    async def end_session(self, request: Request) -> Response:
        """``POST /session?delete=true``: the session's temporary objects go with it."""
        connection = _server.sessions.get(_server.to_token(request))
        response: Response = await _server.session(request)
        if connection is not None and request.query_params.get("delete"):
            self.running.end(connection)
            await run_in_threadpool(self.temporary.end, connection)
            connection.close()
        return response

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
    relations = Relations(store, engine.duck_conn)
    information_schema.install()
    engine.attach_kept()
    objects = S3Objects(options.s3_endpoint, options.region, options.state)
    tables = ExternalTables(store, engine, objects)
    files_read = FilesRead(engine.duck_conn, tables, objects.folder)
    temporary = TemporaryRelations(store, engine, relations)
    account = Account(store, engine, relations, tables)
    running = RunningStatements()
    shapes = StatementShapes()
    _install_statements(options, engine, store, relations, tables, account, running, files_read, shapes)
    temporary.install()
    queries = Queries()
    logins = Logins(queries, account.users, account.roles, account.grants, options.public_key, options.user)
    notifications = Notifications(
        options.s3_endpoint, options.region, options.notification_queue_name, tables.notice
    )
    return Installed(engine, queries, logins, notifications, tables, temporary, running, files_read, shapes)


def _install_statements(
    options: Options,
    engine: Engine,
    store: Store,
    relations: Relations,
    tables: ExternalTables,
    account: Account,
    running: RunningStatements,
    files_read: FilesRead,
    shapes: StatementShapes,
) -> None:
    integrations = Integrations(store)
    formats = FileFormats(store, account.grants)
    stages = Stages(store, integrations, formats, account.grants)
    channel = channel_arn(options.region, options.notification_queue_name)
    policies = MaskingPolicies(store, account.grants, account.tags)
    gated = gate(options.edition)
    results.install()
    overhead.install()
    concerned_transforms.install()
    # Each of these wraps the one before.
    Masking(account.tags, policies, account.grants, relations).install()
    references.install(account.tags)
    identifiers.install(engine.duck_conn)
    functions.install()
    table_functions.install(tables)
    cancel.install(running)
    merge.install()
    created_tables.install()
    TransientTables(store).install()
    transactions.install()
    Privileges(tables, relations, account.grants).install()
    execution.install(
        Dispatcher(
            refused.handlers(),
            integrations.handlers(),
            formats.handlers(),
            stages.handlers(),
            ExternalTableStatements(
                tables, stages, formats, channel, account.tags, account.grants
            ).handlers(),
            ObjectStatements(relations, tables).handlers(),
            account.tags.handlers(gated),
            policies.handlers(gated),
            account.handlers(),
            session.handlers(),
        ),
        running.running,
        lambda cursor: relations.note(cursor, account.grants),
        files_read.watch,
        shapes.note,
    )
