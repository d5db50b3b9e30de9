-- Codes that have changed and of which perhaps not every JVM has heard. Written in the transaction of the change,
-- deleted when it is announced. A deletion has the version of the row that it deletes.
CREATE TABLE link_changes (
    short_code text COLLATE "C" NOT NULL,
    version    bigint           NOT NULL,
    deleted    boolean          NOT NULL,
    noted_at   timestamptz      NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (short_code, version, deleted)
);
