-- Rows of files that are being imported, a batch of rows of a file in each row here. They are merged into their tables
-- in one transaction when the whole file has arrived; until then an import locks nothing that others write. Unlogged: a
-- crash of PostgreSQL ends the import anyway. "rows" is a JSON array of objects, each with its line in the file.
CREATE UNLOGGED TABLE import_batches (
    import_id uuid        NOT NULL,
    batch     integer     NOT NULL,
    rows      json        NOT NULL,
    staged_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (import_id, batch)
);

-- For look-ups of e-mail addresses in any case of letters. The index on lower(email) goes by the rules of the database's
-- locale, in which I may be another letter than i. It stays for the release before this one.
CREATE INDEX users_email_any_case ON users (lower(email COLLATE "C"));
