-- Everything that is kept, in one table. A partition (app, owner) is what one request writes together: a user, a chat group, an
-- application's directory of chat groups, or the registry of applications. Its head has the empty key; the head's version counts the
-- changes of the partition and guards it. docs/scaling.md explains the columns.
CREATE TABLE IF NOT EXISTS cubby_records (
    app bigint NOT NULL,
    owner bytea NOT NULL,
    key bytea NOT NULL,
    version bigint NOT NULL,
    place bytea,
    requests bytea,
    value json,
    PRIMARY KEY (app, owner, key)
)
-- Every change writes its partition's head: room in the pages keeps the indexes out of it, and vacuum comes while little is dead.
WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);
-- The lists that have an order: conversations by entry, recent contacts by time, chat groups by creation.
CREATE INDEX IF NOT EXISTS cubby_records_place ON cubby_records (app, owner, place) WHERE place IS NOT NULL;
-- The owners of an application, for listing and copying them.
CREATE INDEX IF NOT EXISTS cubby_records_heads ON cubby_records (app, owner) WHERE key = '\x'::bytea;
-- The call rates that all servers share, where they do: when each bucket will be full again, in microseconds of the epoch. A crash may
-- empty it; the rates begin anew then.
CREATE UNLOGGED TABLE IF NOT EXISTS cubby_call_rates (
    app bigint NOT NULL,
    bucket text NOT NULL,
    full_at bigint NOT NULL,
    PRIMARY KEY (app, bucket)
);
