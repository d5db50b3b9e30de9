-- What stats are read from: one row for each link, one for each link and hour, a bounded number for each link's
-- referrers. A release that does not know these columns and tables goes on counting clicks; what it books is in the
-- sum of a link, and missing in its parts.
ALTER TABLE link_clicks
    -- Clicks that named no referrer.
    ADD COLUMN direct                 bigint NOT NULL DEFAULT 0,
    -- Clicks by family of user agent, as the enumeration AgentFamily has them.
    ADD COLUMN agent_chrome           bigint NOT NULL DEFAULT 0,
    ADD COLUMN agent_safari           bigint NOT NULL DEFAULT 0,
    ADD COLUMN agent_firefox          bigint NOT NULL DEFAULT 0,
    ADD COLUMN agent_edge             bigint NOT NULL DEFAULT 0,
    ADD COLUMN agent_opera            bigint NOT NULL DEFAULT 0,
    ADD COLUMN agent_samsung_internet bigint NOT NULL DEFAULT 0,
    ADD COLUMN agent_other_browser    bigint NOT NULL DEFAULT 0,
    ADD COLUMN agent_googlebot        bigint NOT NULL DEFAULT 0,
    ADD COLUMN agent_bingbot          bigint NOT NULL DEFAULT 0,
    ADD COLUMN agent_link_preview     bigint NOT NULL DEFAULT 0,
    ADD COLUMN agent_other_bot        bigint NOT NULL DEFAULT 0,
    ADD COLUMN agent_curl             bigint NOT NULL DEFAULT 0,
    ADD COLUMN agent_wget             bigint NOT NULL DEFAULT 0,
    ADD COLUMN agent_k6               bigint NOT NULL DEFAULT 0,
    ADD COLUMN agent_other_program    bigint NOT NULL DEFAULT 0;

CREATE TABLE link_hours (
    url_id bigint      NOT NULL,
    hour   timestamptz NOT NULL,
    clicks integer     NOT NULL,
    bots   integer     NOT NULL,
    PRIMARY KEY (url_id, hour)
) WITH (fillfactor = 80);

CREATE TABLE link_referrers (
    url_id bigint           NOT NULL,
    host   text COLLATE "C" NOT NULL,
    clicks bigint           NOT NULL,
    PRIMARY KEY (url_id, host)
) WITH (fillfactor = 80);

-- Adds clicks to the counters and roll-ups, and gives the number of links. Each position of the first seven arrays is
-- one link, hour and family of user agents; each of the last three one link and host of referrers, in one call at most
-- as many of a link as it may have. Everybody who books clicks calls this. The rows of links come first and in order:
-- who waits for one holds none that the other wants.
CREATE FUNCTION count_clicks(
    links bigint[], hours timestamptz[], families text[], clicks integer[], bots integer[], direct integer[],
    lasts timestamptz[], referred_links bigint[], hosts text[], referred integer[]
) RETURNS integer
    LANGUAGE plpgsql AS
$$
#variable_conflict use_column
DECLARE
    counted         integer;
    known_positions bigint[];
BEGIN
    INSERT INTO link_clicks AS c (
        url_id, clicks, last_clicked_at, direct,
        agent_chrome, agent_safari, agent_firefox, agent_edge, agent_opera, agent_samsung_internet, agent_other_browser,
        agent_googlebot, agent_bingbot, agent_link_preview, agent_other_bot,
        agent_curl, agent_wget, agent_k6, agent_other_program)
    SELECT link, sum(n), max(last), sum(without),
           coalesce(sum(n) FILTER (WHERE family = 'chrome'), 0),
           coalesce(sum(n) FILTER (WHERE family = 'safari'), 0),
           coalesce(sum(n) FILTER (WHERE family = 'firefox'), 0),
           coalesce(sum(n) FILTER (WHERE family = 'edge'), 0),
           coalesce(sum(n) FILTER (WHERE family = 'opera'), 0),
           coalesce(sum(n) FILTER (WHERE family = 'samsung_internet'), 0),
           coalesce(sum(n) FILTER (WHERE family = 'other_browser'), 0),
           coalesce(sum(n) FILTER (WHERE family = 'googlebot'), 0),
           coalesce(sum(n) FILTER (WHERE family = 'bingbot'), 0),
           coalesce(sum(n) FILTER (WHERE family = 'link_preview'), 0),
           coalesce(sum(n) FILTER (WHERE family = 'other_bot'), 0),
           coalesce(sum(n) FILTER (WHERE family = 'curl'), 0),
           coalesce(sum(n) FILTER (WHERE family = 'wget'), 0),
           coalesce(sum(n) FILTER (WHERE family = 'k6'), 0),
           coalesce(sum(n) FILTER (WHERE family = 'other_program'), 0)
    FROM unnest(links, families, clicks, direct, lasts) AS tally (link, family, n, without, last)
    GROUP BY link
    ORDER BY link
    ON CONFLICT (url_id) DO UPDATE
    SET clicks = c.clicks + EXCLUDED.clicks,
        last_clicked_at = greatest(c.last_clicked_at, EXCLUDED.last_clicked_at),
        direct = c.direct + EXCLUDED.direct,
        agent_chrome = c.agent_chrome + EXCLUDED.agent_chrome,
        agent_safari = c.agent_safari + EXCLUDED.agent_safari,
        agent_firefox = c.agent_firefox + EXCLUDED.agent_firefox,
        agent_edge = c.agent_edge + EXCLUDED.agent_edge,
        agent_opera = c.agent_opera + EXCLUDED.agent_opera,
        agent_samsung_internet = c.agent_samsung_internet + EXCLUDED.agent_samsung_internet,
        agent_other_browser = c.agent_other_browser + EXCLUDED.agent_other_browser,
        agent_googlebot = c.agent_googlebot + EXCLUDED.agent_googlebot,
        agent_bingbot = c.agent_bingbot + EXCLUDED.agent_bingbot,
        agent_link_preview = c.agent_link_preview + EXCLUDED.agent_link_preview,
        agent_other_bot = c.agent_other_bot + EXCLUDED.agent_other_bot,
        agent_curl = c.agent_curl + EXCLUDED.agent_curl,
        agent_wget = c.agent_wget + EXCLUDED.agent_wget,
        agent_k6 = c.agent_k6 + EXCLUDED.agent_k6,
        agent_other_program = c.agent_other_program + EXCLUDED.agent_other_program;
    GET DIAGNOSTICS counted = ROW_COUNT;

    INSERT INTO link_hours AS h (url_id, hour, clicks, bots)
    SELECT link, hour, sum(n), sum(bot)
    FROM unnest(links, hours, clicks, bots) AS tally (link, hour, n, bot)
    GROUP BY link, hour
    ORDER BY link, hour
    ON CONFLICT (url_id, hour) DO UPDATE
    SET clicks = h.clicks + EXCLUDED.clicks, bots = h.bots + EXCLUDED.bots;

    WITH known AS (
        UPDATE link_referrers AS r
        SET clicks = r.clicks + n
        FROM unnest(referred_links, hosts, referred) WITH ORDINALITY AS tally (link, host, n, position)
        WHERE r.url_id = link AND r.host = tally.host
        RETURNING position
    )
    SELECT array_agg(position) INTO known_positions FROM known;

    -- A link that has its number of referrers gets no further ones: anybody may send any number of names. What is not
    -- stored is what is missing in the sum.
    IF coalesce(cardinality(known_positions), 0) < cardinality(hosts) THEN
        INSERT INTO link_referrers AS r (url_id, host, clicks)
        SELECT link, host, n
        FROM unnest(referred_links, hosts, referred) WITH ORDINALITY AS tally (link, host, n, position)
        WHERE position IN (SELECT generate_series(1, cardinality(hosts)) EXCEPT SELECT unnest(known_positions))
          AND (SELECT count(*) FROM link_referrers k WHERE k.url_id = link) < 100
        ORDER BY link, host
        ON CONFLICT (url_id, host) DO UPDATE
        SET clicks = r.clicks + EXCLUDED.clicks;
    END IF;
    RETURN counted;
END
$$;

-- Nearly every event is a click, and a list of clicks alone is one of all events that leaves out little: only the
-- others need an index by type, and booking a click is cheaper without.
CREATE INDEX events_other_types ON events (event_type, id) WHERE event_type <> 'click';
DROP INDEX events_type;

-- The hours of clicks booked before. Their user agents and referrers are not taken apart.
INSERT INTO link_hours (url_id, hour, clicks, bots)
SELECT url_id, date_bin('1 hour', "timestamp", '2000-01-01 00:00:00+00'), count(*), 0
FROM events
WHERE event_type = 'click'
GROUP BY 1, 2;
