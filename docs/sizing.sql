-- What a user takes in the database: fills an empty store with users of 50 conversations and 30 recent contacts each, and measures.
-- On a scratch database, never on one in use:
--   cubby migrate-store --store postgres://localhost/scratch
--   psql -d scratch -v users=100000 -f docs/sizing.sql
-- `-v fillfactor=100` fills its pages, as PostgreSQL does unless told; else the table is as it was made, with room for new versions.
\set ON_ERROR_STOP on
\set QUIET on
\pset footer off
\timing off
\if :{?users} \else \set users 100000 \endif
SELECT count(*) = 0 AS empty FROM (SELECT FROM cubby_records WHERE app > 0 LIMIT 1) AS one \gset
\if :empty
\else
  \echo the store is not empty
  \quit
\endif
\if :{?fillfactor}
ALTER TABLE cubby_records SET (fillfactor = :fillfactor);
\endif
SET synchronous_commit = off;
SET work_mem = '256MB';

CREATE OR REPLACE FUNCTION pg_temp.id(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'user' || lpad(n::text, 9, '0') $$;
CREATE OR REPLACE FUNCTION pg_temp.bytes(text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$ SELECT convert_to($1, 'UTF8') $$;

-- A user's rows are written together, as they are over time by its own calls; users come in no order of their ids.
INSERT INTO cubby_records (app, owner, key, version, place, requests, value)
SELECT 1400000001, pg_temp.bytes('u' || pg_temp.id(n)), rows.*
FROM (SELECT (n * 7919) % :users AS n FROM generate_series(1, :users) AS n) AS users,
LATERAL (
    SELECT ''::bytea, 90::bigint, NULL::bytea, sha256(int8send(n)) || sha256(int8send(-n)),
        json_build_object(
            'account', json_build_object('nick', 'Nickname of ' || n, 'face_url', 'https://example.com/faces/' || n || '.png'),
            'contact_groups', (SELECT json_agg(json_build_object('id', g, 'name', 'contact group ' || g)) FROM generate_series(1, 6) AS g),
            'contact_group_id', 6, 'entered', 50, 'conversations', 50, 'grouped', 50, 'unread', 12, 'updated', 1790000000)::jsonb::text::json
    UNION ALL
    SELECT pg_temp.bytes('cu' || pg_temp.id((n * 31 + c) % :users)), c, pg_temp.bytes('c') || int8send(c), NULL,
        json_build_object('entered', c, 'groups', json_build_array(c % 6 + 1), 'updated', 1790000000 + c)
    FROM generate_series(1, 50) AS c
    UNION ALL
    SELECT pg_temp.bytes('ru' || pg_temp.id((n * 31 + c) % :users)), 50 + c,
        pg_temp.bytes('r') || int8send(-1790000000 - c) || '\x01' || pg_temp.bytes(pg_temp.id((n * 31 + c) % :users)), NULL,
        json_build_object('last', json_build_object('time', 1790000000 + c, 'sequence', 30000 + c, 'random', 1234567890 + c, 'expires', 1790604800 + c), 'unread', 3)
    FROM generate_series(1, 30) AS c
) AS rows;
VACUUM (ANALYZE) cubby_records;

\echo Bytes of a row, and what a user takes
SELECT CASE WHEN key = '' THEN 'head' WHEN substr(key, 1, 1) = 'c' THEN 'conversation' ELSE 'recent contact' END AS row,
    count(*) / :users AS "a user", round(avg(octet_length(value::text))) AS "JSON bytes", round(avg(pg_column_size(r.*))) AS "row bytes"
FROM cubby_records AS r WHERE app > 0 GROUP BY 1 ORDER BY 2;
SELECT relname AS "table or index", pg_size_pretty(size) AS size, round(size / rows::numeric, 1) AS "bytes an entry", round(size / :users::numeric) AS "bytes a user"
FROM (
    SELECT c.relname, pg_relation_size(c.oid) AS size, c.reltuples AS rows, c.relkind
    FROM pg_class AS t JOIN pg_class AS c ON c.oid = t.oid OR c.oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = t.oid)
    WHERE t.oid = 'cubby_records'::regclass
) AS sizes ORDER BY relkind DESC, relname;

-- A change of a user: its head, and a conversation that is there, one that is new, or a recent contact that a message moves to the front.
-- Each is its own transaction, on users that no other measurement touches.
CREATE TEMP TABLE wal (n serial, change text, images text, bytes numeric, updates bigint, hot bigint);
CREATE OR REPLACE PROCEDURE pg_temp.measure(change text, images text, first int, many int) LANGUAGE plpgsql AS $$
DECLARE before pg_lsn; o bytea; k bytea; p bytea; v json; total int := (SELECT count(*) FROM cubby_records WHERE key = '' AND app > 0);
BEGIN
    IF images = 'with' THEN CHECKPOINT; END IF;
    before := pg_current_wal_insert_lsn();
    FOR i IN first .. first + many - 1 LOOP
        o := pg_temp.bytes('u' || pg_temp.id((i::bigint * 104729) % total));
        IF change = 'a new conversation' THEN
            k := pg_temp.bytes('cunew' || images || i); p := pg_temp.bytes('c') || int8send(51);
            v := '{"entered":51,"groups":[1],"updated":1790000099}';
        ELSE
            SELECT key, place, value INTO k, p, v FROM cubby_records
            WHERE app = 1400000001 AND owner = o AND substr(key, 1, 1) = (CASE change WHEN 'a message' THEN 'r'::bytea ELSE 'c'::bytea END)
            ORDER BY key LIMIT 1;
            IF change = 'a message' THEN p := substr(p, 1, 5) || int4send(length(images) * i) || substr(p, 10); END IF;
        END IF;
        INSERT INTO cubby_records AS r (app, owner, key, version, place, requests, value)
        SELECT 1400000001, o, '', h.version + 1, NULL::bytea, h.requests, h.value FROM cubby_records AS h WHERE h.app = 1400000001 AND h.owner = o AND h.key = ''
        UNION ALL SELECT 1400000001, o, k, 91, p, NULL, v
        ON CONFLICT (app, owner, key) DO UPDATE SET version = CASE WHEN EXCLUDED.key <> '' OR r.version = EXCLUDED.version - 1 THEN EXCLUDED.version END,
            place = EXCLUDED.place, requests = EXCLUDED.requests, value = EXCLUDED.value;
        COMMIT;
    END LOOP;
    INSERT INTO wal (change, images, bytes) VALUES (change, images, (pg_current_wal_insert_lsn() - before) / many);
    PERFORM pg_stat_force_next_flush();
    COMMIT;
END $$;
-- The counters of rows are told when a procedure has ended.
\set counted 'UPDATE wal SET updates = n_tup_upd, hot = n_tup_hot_upd FROM pg_stat_all_tables WHERE relid = \'cubby_records\'::regclass AND wal.updates IS NULL;'
INSERT INTO wal (change) VALUES ('before');
:counted
-- First pages that were not touched since a checkpoint, whose images go to the log; then the same users again, whose pages were.
CALL pg_temp.measure('a conversation', 'with', 1, 3000);
:counted
CALL pg_temp.measure('a conversation', 'without', 1, 3000);
:counted
CALL pg_temp.measure('a new conversation', 'with', 10001, 3000);
:counted
CALL pg_temp.measure('a new conversation', 'without', 10001, 3000);
:counted
CALL pg_temp.measure('a message', 'with', 20001, 3000);
:counted
CALL pg_temp.measure('a message', 'without', 20001, 3000);
:counted
\echo Bytes of WAL a change (with: pages changed for the first time since a checkpoint), and how many of 100 updated rows were HOT
SELECT change, images AS "page images", round(bytes) AS bytes, round(100.0 * new_hot / nullif(new, 0)) AS hot
FROM (SELECT *, updates - lag(updates) OVER (ORDER BY n) AS new, hot - lag(hot) OVER (ORDER BY n) AS new_hot FROM wal) AS wal
WHERE images IS NOT NULL ORDER BY n;
