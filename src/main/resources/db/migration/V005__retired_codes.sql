-- Whether a caller chose the code. Null where that is not known: rows that are imported, or made by an earlier release.
ALTER TABLE urls ADD COLUMN has_custom_code boolean;

-- Codes of links that are deleted. Nobody else gets one that was chosen for some time, or one that was generated ever.
CREATE TABLE retired_codes (
    short_code    text COLLATE "C" PRIMARY KEY,
    -- The owner, who may take it again. Null for a link without one.
    user_id       bigint,
    was_generated boolean     NOT NULL,
    retired_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX retired_codes_custom ON retired_codes (retired_at) WHERE NOT was_generated;

-- Of a code that nobody knows how it came about, the look decides.
CREATE FUNCTION is_generated_code(short_code text, has_custom_code boolean) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS
$$
    SELECT coalesce(NOT has_custom_code, short_code ~ '^[0-9A-Za-z]{4,}$')
$$;

-- Triggers, so that whatever deletes a link retires its code in the same transaction: single and bulk requests, the
-- deletion of an owner, an import that gives a link another code, an earlier release.
CREATE FUNCTION retire_deleted_codes() RETURNS trigger
    LANGUAGE plpgsql AS
$$
BEGIN
    INSERT INTO retired_codes AS r (short_code, user_id, was_generated)
    SELECT short_code, user_id, is_generated_code(short_code, has_custom_code)
    FROM gone
    ORDER BY short_code
    ON CONFLICT (short_code) DO UPDATE
    SET user_id = EXCLUDED.user_id,
        was_generated = r.was_generated OR EXCLUDED.was_generated,
        retired_at = EXCLUDED.retired_at;
    RETURN NULL;
END
$$;

CREATE TRIGGER retire_deleted_codes
    AFTER DELETE ON urls
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION retire_deleted_codes();

CREATE FUNCTION retire_replaced_code() RETURNS trigger
    LANGUAGE plpgsql AS
$$
BEGIN
    INSERT INTO retired_codes AS r (short_code, user_id, was_generated)
    VALUES (OLD.short_code, OLD.user_id, is_generated_code(OLD.short_code, OLD.has_custom_code))
    ON CONFLICT (short_code) DO UPDATE
    SET user_id = EXCLUDED.user_id,
        was_generated = r.was_generated OR EXCLUDED.was_generated,
        retired_at = EXCLUDED.retired_at;
    NEW.has_custom_code := NULL;
    RETURN NEW;
END
$$;

CREATE TRIGGER retire_replaced_code
    BEFORE UPDATE OF short_code ON urls
    FOR EACH ROW WHEN (OLD.short_code IS DISTINCT FROM NEW.short_code)
    EXECUTE FUNCTION retire_replaced_code();
