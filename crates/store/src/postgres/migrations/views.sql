-- What is kept, in readable columns, for operators. `owner` is the column that the table is indexed and distributed by: ask for
-- `app = 1400000001 AND owner = 'ualice'` (a letter before the id: u a user, g a chat group) and one partition is read.
-- PostgreSQL's text has no zero byte: an id with one is shown escaped, and a record with one shows only its ids.
CREATE OR REPLACE VIEW cubby_rows AS
SELECT
    app,
    owner,
    convert_from(substring(owner FROM 1 FOR 1), 'UTF8') AS owner_kind,
    CASE WHEN position('\x00'::bytea IN owner) > 0 THEN encode(substring(owner FROM 2), 'escape')
        ELSE convert_from(substring(owner FROM 2), 'UTF8') END AS owner_id,
    convert_from(substring(key FROM 1 FOR 1), 'UTF8') AS kind,
    CASE WHEN substring(key FROM 1 FOR 1) = 'a'::bytea THEN NULL
        WHEN position('\x00'::bytea IN key) > 0 THEN encode(substring(key FROM 2), 'escape')
        ELSE convert_from(substring(key FROM 2), 'UTF8') END AS id,
    version,
    CASE WHEN position('\u0000' IN value::text) > 0 THEN '{}'::json ELSE value END AS value
FROM cubby_records
WHERE value IS NOT NULL;

CREATE OR REPLACE VIEW cubby_users AS
SELECT
    app,
    owner,
    owner_id AS user_id,
    value -> 'account' IS NOT NULL AS imported,
    value -> 'account' ->> 'nick' AS nick,
    json_array_length(coalesce(value -> 'contact_groups', '[]'::json)) AS contact_groups,
    coalesce((value ->> 'conversations')::bigint, 0) AS conversations,
    coalesce((value ->> 'unread')::bigint, 0) AS unread,
    to_timestamp((value ->> 'updated')::double precision) AS updated,
    version
FROM cubby_rows
WHERE owner_kind = 'u' AND kind = '';

CREATE OR REPLACE VIEW cubby_contact_groups AS
SELECT
    app,
    owner,
    owner_id AS user_id,
    (one ->> 'id')::bigint AS group_id,
    one ->> 'name' AS name
FROM cubby_rows, LATERAL json_array_elements(coalesce(value -> 'contact_groups', '[]'::json)) AS one
WHERE owner_kind = 'u' AND kind = '';

CREATE OR REPLACE VIEW cubby_conversations AS
SELECT
    app,
    owner,
    owner_id AS user_id,
    CASE left(id, 1) WHEN 'u' THEN 'user' ELSE 'chat group' END AS with_a,
    substr(id, 2) AS with_id,
    value -> 'groups' AS group_ids,
    coalesce((value ->> 'marks')::numeric, 0) AS marks,
    value ->> 'custom' AS custom_mark,
    (value ->> 'entered')::numeric AS entered,
    to_timestamp((value ->> 'updated')::double precision) AS updated
FROM cubby_rows
WHERE owner_kind = 'u' AND kind = 'c';

CREATE OR REPLACE VIEW cubby_recent_contacts AS
SELECT
    app,
    owner,
    owner_id AS user_id,
    CASE left(id, 1) WHEN 'u' THEN 'user' ELSE 'chat group' END AS with_a,
    substr(id, 2) AS with_id,
    to_timestamp((value -> 'last' ->> 'time')::double precision) AS last_message,
    coalesce((value ->> 'unread')::numeric, 0) AS unread
FROM cubby_rows
WHERE owner_kind = 'u' AND kind = 'r';

CREATE OR REPLACE VIEW cubby_chat_groups AS
SELECT
    app,
    owner,
    owner_id AS group_id,
    value ->> 'kind' AS type,
    value ->> 'name' AS name,
    value ->> 'owner' AS owner_account,
    (value ->> 'members')::numeric AS members,
    to_timestamp((value ->> 'created')::double precision) AS created,
    to_timestamp((value -> 'last' ->> 'time')::double precision) AS last_message
FROM cubby_rows
WHERE owner_kind = 'g' AND kind = '';

CREATE OR REPLACE VIEW cubby_members AS
SELECT
    app,
    owner,
    owner_id AS group_id,
    id AS user_id,
    coalesce((value ->> 'owner')::boolean, false) AS is_owner,
    to_timestamp((value ->> 'joined')::double precision) AS joined
FROM cubby_rows
WHERE owner_kind = 'g' AND kind = 'm';

CREATE OR REPLACE VIEW cubby_applications AS
SELECT
    (value ->> 'id')::numeric AS app,
    json_array_length(value -> 'keys') AS keys,
    coalesce((value ->> 'disabled')::boolean, false) AS disabled,
    value -> 'settings' AS settings
FROM cubby_rows
WHERE owner_kind = 'a' AND kind = 'a';
