-- The whole schema of this release on one page, for readers. Nothing applies it: the numbered files in migrations/ do.
-- A test makes a database of each and compares their catalogues, so this page cannot fall behind.
--
-- Who writes what: accounts.py accounts and api_keys; sessions.py sessions and login_links; audit.py audit;
-- uploads.py uploads; limits.py rate_limits; ledger.py balances and the ledger; generations.py generations and
-- idempotency_keys; previews.py previews; jobs.py engines and lanes; workers.py workers.
-- What belongs together is one statement: application/intake.py (hold, insert) and application/settle.py
-- (complete and capture; fail, expire or cancel and release; move).

CREATE SCHEMA cavendish;

CREATE TABLE cavendish.migrations (
    version    integer PRIMARY KEY,
    name       text NOT NULL,
    sha256     text NOT NULL,       -- of the file as it was applied: a released migration never changes
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- The one clock of leases, limits, deadlines and money. Tests shift it by a database setting.
CREATE FUNCTION cavendish.cavendish_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT statement_timestamp() + coalesce(nullif(current_setting('cavendish.clock_offset', true), ''), '0')::interval $$;

CREATE TABLE cavendish.facts (      -- what all processes must agree on
    name  text PRIMARY KEY,         -- 'storage_id', 'usage_until', 'retired_until'
    value text NOT NULL
);

-- Accounts and keys ------------------------------------------------------------------------------------------------

CREATE TABLE cavendish.accounts (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL UNIQUE CHECK (name <> '' AND length(name) <= 100),
    balance    bigint NOT NULL DEFAULT 0 CHECK (balance >= 0),  -- can be spent now: what is held is already gone
    held       bigint NOT NULL DEFAULT 0 CHECK (held >= 0),     -- sum of the prices of its open generations
    weight     integer NOT NULL DEFAULT 1 CHECK (weight BETWEEN 1 AND 1000),  -- share of the queue
    created_at timestamptz NOT NULL DEFAULT cavendish.cavendish_now(),
    operator   boolean NOT NULL DEFAULT false,     -- may manage the service
    calls_full_at timestamptz NOT NULL DEFAULT '-infinity', -- GCRA over all its keys, where the service has such a limit
    failures   double precision NOT NULL DEFAULT 0,  -- refunded, for what was ordered; as of failures_at: they are
    failures_at timestamptz NOT NULL DEFAULT '-infinity'  -- forgiven one by one
) WITH (fillfactor = 50);

-- What is left of them now, where one is forgiven every so many seconds. A clock that jumps forgives too early at most.
CREATE FUNCTION cavendish.unforgiven(failures double precision, since timestamptz, seconds_each double precision)
RETURNS double precision LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT greatest(0, failures - extract(epoch FROM cavendish.cavendish_now() - least(cavendish.cavendish_now(),
    greatest(since, cavendish.cavendish_now() - make_interval(secs => (failures + 1) * seconds_each))))::double precision
    / seconds_each) $$;

CREATE TABLE cavendish.api_keys (
    id            text PRIMARY KEY,                -- key_…, safe to show
    account_id    bigint NOT NULL REFERENCES cavendish.accounts,
    digest        bytea NOT NULL UNIQUE CHECK (length(digest) = 32),  -- SHA-256; the key itself is nowhere
    hint          text NOT NULL,                   -- prefix and last four characters
    label         text NOT NULL DEFAULT '',
    limit_count   integer CHECK (limit_count > 0), -- both null: the service's own limit
    limit_seconds integer CHECK (limit_seconds > 0),
    created_at    timestamptz NOT NULL DEFAULT cavendish.cavendish_now(),
    revoked_at    timestamptz,                     -- set once; the row stays
    falls_with    text[] NOT NULL DEFAULT '{}',    -- keys it was made with, the first first: revoked with each of them
    counts_with   text[] NOT NULL DEFAULT '{}',    -- keys whose limits its calls count against, too; the first first
    CHECK ((limit_count IS NULL) = (limit_seconds IS NULL))
);
CREATE INDEX api_keys_account ON cavendish.api_keys (account_id);

CREATE TABLE cavendish.rate_limits (               -- GCRA: one row per key, made with it; others may count in it
    key_id  text PRIMARY KEY REFERENCES cavendish.api_keys,
    full_at timestamptz NOT NULL DEFAULT '-infinity'  -- when the whole quota is back
) WITH (fillfactor = 50);

CREATE FUNCTION cavendish.open_rate_limit() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN INSERT INTO cavendish.rate_limits (key_id) VALUES (NEW.id); RETURN NULL; END $$;
CREATE TRIGGER api_keys_open_rate_limit AFTER INSERT ON cavendish.api_keys
    FOR EACH ROW EXECUTE FUNCTION cavendish.open_rate_limit();

-- People -------------------------------------------------------------------------------------------------------------

-- A session acts as its API key: its limit is the key's, and it ends with it.
CREATE TABLE cavendish.sessions (
    digest     bytea PRIMARY KEY CHECK (length(digest) = 32),  -- SHA-256 of the cookie
    key_id     text NOT NULL REFERENCES cavendish.api_keys,
    created_at timestamptz NOT NULL DEFAULT cavendish.cavendish_now(),
    expires_at timestamptz NOT NULL,
    falls_with text[] NOT NULL DEFAULT '{}'        -- keys behind the link that opened it: it ends with each of them
);
CREATE INDEX sessions_expiry ON cavendish.sessions (expires_at);

CREATE TABLE cavendish.login_links (
    digest     bytea PRIMARY KEY CHECK (length(digest) = 32),  -- SHA-256 of the token in the link
    account_id bigint NOT NULL REFERENCES cavendish.accounts,
    created_at timestamptz NOT NULL DEFAULT cavendish.cavendish_now(),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,                        -- set once
    falls_with text[] NOT NULL DEFAULT '{}'        -- keys it was made with, where they are its own account's
);

CREATE TABLE cavendish.uploads (                   -- input images sent from a browser; the sweep deletes them
    name       text PRIMARY KEY,                   -- of the file, unguessable
    account_id bigint NOT NULL REFERENCES cavendish.accounts,
    size_bytes bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT cavendish.cavendish_now(),
    expires_at timestamptz NOT NULL,
    credentials bytea[]                            -- what it said of itself (C2PA): a label, and two archives
);
CREATE INDEX uploads_by_account ON cavendish.uploads (account_id);
CREATE INDEX uploads_expiry ON cavendish.uploads (expires_at);

-- What was delivered, to be found again by its bytes, by the mark in its pixels or by its looks. No prompt, and no account:
-- those are the generation's, as long as there is one.
CREATE TABLE cavendish.register (
    generation_id uuid PRIMARY KEY,
    made_at       timestamptz NOT NULL,
    model         text NOT NULL,
    engine        text NOT NULL,
    engine_model  text NOT NULL,
    sha256        bytea NOT NULL,
    watermark     bigint,
    fingerprint   bigint
);
CREATE INDEX register_by_sha256 ON cavendish.register (sha256);
CREATE INDEX register_by_watermark ON cavendish.register (watermark) WHERE watermark IS NOT NULL;
-- Two fingerprints that differ in up to three bits have one of four bands in common.
CREATE INDEX register_by_band_0 ON cavendish.register (((fingerprint >> 48) & 65535)) WHERE fingerprint IS NOT NULL;
CREATE INDEX register_by_band_1 ON cavendish.register (((fingerprint >> 32) & 65535)) WHERE fingerprint IS NOT NULL;
CREATE INDEX register_by_band_2 ON cavendish.register (((fingerprint >> 16) & 65535)) WHERE fingerprint IS NOT NULL;
CREATE INDEX register_by_band_3 ON cavendish.register ((fingerprint & 65535)) WHERE fingerprint IS NOT NULL;
CREATE INDEX register_by_age ON cavendish.register USING brin (made_at) WITH (pages_per_range = 16);

-- What hides watermarks: the newest is used, the others are looked for too.
CREATE TABLE cavendish.watermark_keys (
    id      integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key     bytea NOT NULL CHECK (length(key) = 32),
    made_at timestamptz NOT NULL DEFAULT cavendish.cavendish_now()
);

CREATE TABLE cavendish.audit (                     -- who did what, in words for an operator; rows are only added
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT cavendish.cavendish_now(),
    actor   text NOT NULL,                         -- an account's name, or 'command line'
    action  text NOT NULL,
    subject text NOT NULL,                         -- an account, a key
    detail  text NOT NULL DEFAULT ''
);

-- Generations --------------------------------------------------------------------------------------------------------

-- pending ──claim──▶ generating ──complete──▶ completed     claim, complete, fail, move: a worker
--    │                  │  ▲ └───────fail──▶ failed         expire: a worker or the sweep, after deadline_at
--    ├──────expire──────┼──┼─────────────▶ failed
--    └──────cancel──────┴──┼─────────────▶ failed         cancel: its caller; of what is made only where that stops unbilled
--                          └─ claim again (a worker died or the engine is tried again): fence + 1
CREATE TABLE cavendish.generations (
    id               uuid PRIMARY KEY,
    task_id          text NOT NULL,
    account_id       bigint NOT NULL REFERENCES cavendish.accounts,
    key_id           text,
    model            text NOT NULL,               -- the public name that was asked for
    engine           text NOT NULL,               -- the engine it is queued for, or that made it
    engine_model     text,                        -- what really drew it
    state            text NOT NULL DEFAULT 'pending' CHECK (state IN (
                         'pending',               -- submitted, credits held, waiting
                         'generating',            -- claimed by a worker at least once
                         'completed',             -- picture stored, credits captured; never changes again
                         'failed')),              -- credits released; never changes again
    mode             text NOT NULL CHECK (mode IN ('generate', 'edit')),
    prompt           text NOT NULL,
    aspect_ratio     text NOT NULL,
    image_quality    text NOT NULL CHECK (image_quality IN ('1K', '2K', '4K')),
    google_search    boolean NOT NULL,
    input_image_urls text[] NOT NULL,                          -- own pictures by name, as /generations/NAME
    seed             bigint,
    price            bigint NOT NULL CHECK (price > 0),       -- credits held
    credits_charged  bigint CHECK (credits_charged > 0 AND credits_charged <= price),
    progress         smallint NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),  -- only failing lowers it
    virtual_tag      bigint NOT NULL,             -- place in the fair queue; lower starts first
    fence            integer NOT NULL DEFAULT 0,  -- number of the newest claim: only it may fail or move
    attempts         smallint NOT NULL DEFAULT 0, -- failures so far of the engine it is queued for
    warnings         text[] NOT NULL DEFAULT '{}',
    error            text,
    error_code       text,
    image_name       text,
    image_type       text,
    image_width      integer,
    image_height     integer,
    image_bytes      bigint,
    image_sha256     bytea,
    image_deleted_at timestamptz,                 -- marked by retention before the file goes
    created_at       timestamptz NOT NULL DEFAULT cavendish.cavendish_now(),
    touched_at       timestamptz NOT NULL DEFAULT cavendish.cavendish_now(),  -- when it was put off last
    deadline_at      timestamptz NOT NULL,
    started_at       timestamptz,
    finished_at      timestamptz,
    grounding        jsonb,                       -- what was searched: queries, sources, renderedContent
    notes            jsonb,                       -- words of the prompt: understood, ignored
    claims           smallint NOT NULL DEFAULT 0, -- that ended in no further try: a worker died; and the newest
    hidden_at        timestamptz,                 -- deleted by its owner: in no list any more
    picture_stem     text,                        -- its pictures' names, before the fence; set by the first claim
    ready_at         timestamptz NOT NULL DEFAULT '-infinity',  -- may be claimed from then on: a delay's or lease's end
    leased           boolean NOT NULL DEFAULT false,  -- claimed, and not given back since; it lives while ready_at is ahead
    output_width     smallint CHECK (output_width > 0),    -- what is delivered in place of the engine's own bytes;
    output_height    smallint CHECK (output_height > 0),   -- null: those
    output_type      text CHECK (output_type IN ('image/png', 'image/jpeg', 'image/webp')),
    output_quality   smallint CHECK (output_quality BETWEEN 1 AND 100),
    batch_id         uuid,                        -- what several that one call ordered have in common
    batch_index      smallint,                    -- which of them it is, from 0
    previews         smallint CHECK (previews BETWEEN 1 AND 3),  -- unfinished pictures that its caller wants; null: none
    label            text CHECK (label IN ('ai')),  -- what is drawn on the picture
    CONSTRAINT generations_batch CHECK ((batch_id IS NULL) = (batch_index IS NULL)),
    CONSTRAINT generations_output_size CHECK ((output_width IS NULL) = (output_height IS NULL)),
    CHECK ((state = 'completed') = (image_name IS NOT NULL)),
    CHECK ((state = 'completed') = (credits_charged IS NOT NULL)),
    CHECK ((state = 'failed') = (error_code IS NOT NULL)),
    CHECK ((state IN ('completed', 'failed')) = (finished_at IS NOT NULL))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
CREATE INDEX generations_by_account ON cavendish.generations (account_id, created_at DESC, id);
-- None names state, ready_at, leased or progress: so a claim, its renewals and progress are updates in place.
CREATE INDEX generations_queue ON cavendish.generations (engine, virtual_tag, id) WHERE finished_at IS NULL;
CREATE INDEX generations_open ON cavendish.generations (deadline_at) WHERE finished_at IS NULL;
CREATE INDEX generations_newest ON cavendish.generations (created_at DESC, id DESC);
CREATE INDEX generations_failed ON cavendish.generations (finished_at) WHERE error_code IS NOT NULL;
CREATE UNIQUE INDEX generations_by_batch ON cavendish.generations (batch_id, batch_index) WHERE batch_id IS NOT NULL;
CREATE UNIQUE INDEX generations_image ON cavendish.generations (image_name) WHERE image_name IS NOT NULL;

-- Unfinished pictures of what is being made, where the order wants some. Expendable: emptied by a crash, removed by the
-- sweep behind the end. No foreign key: it would lock the generation that a worker is about to settle.
CREATE UNLOGGED TABLE cavendish.previews (
    generation_id uuid NOT NULL,
    number        smallint NOT NULL CHECK (number BETWEEN 0 AND 2),
    fence         integer NOT NULL,               -- of the claim that drew it: only the newest one's are shown
    media_type    text NOT NULL,
    width         smallint NOT NULL,
    height        smallint NOT NULL,
    image         bytea NOT NULL CHECK (length(image) <= 131072),
    made_at       timestamptz NOT NULL DEFAULT cavendish.cavendish_now(),
    PRIMARY KEY (generation_id, number)
);

CREATE TABLE cavendish.idempotency_keys (         -- written in the hold's transaction, kept as long as the generation
    account_id    bigint NOT NULL REFERENCES cavendish.accounts,
    endpoint      text NOT NULL,
    key           text NOT NULL CHECK (length(key) <= 255),
    fingerprint   bytea NOT NULL,                 -- SHA-256 of the body as canonical JSON
    generation_id uuid NOT NULL,
    PRIMARY KEY (account_id, endpoint, key)
);

-- Credits --------------------------------------------------------------------------------------------------------

-- Every credit that ever moved. Rows are added, never changed. Each says how it moved balance and held, so an account
-- is the sum of its rows:
--   grant    amount into the balance                                   cavendish credits grant
--   hold     the price from balance to held                            submit; one per generation
--   capture  the charge out of held, what is left back to the balance  complete; ┐ one of the two per generation
--   release  the price from held back to the balance                   fail, expire, cancel; ┘
CREATE TABLE cavendish.ledger (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id     bigint NOT NULL REFERENCES cavendish.accounts,
    generation_id  uuid REFERENCES cavendish.generations,
    kind           text NOT NULL,
    amount         bigint NOT NULL CHECK (amount > 0),
    balance_change bigint NOT NULL,
    held_change    bigint NOT NULL,
    reason         text NOT NULL DEFAULT '',
    created_at     timestamptz NOT NULL DEFAULT cavendish.cavendish_now(),
    CHECK ((kind = 'grant') = (generation_id IS NULL)),
    CHECK (CASE kind
        WHEN 'grant'   THEN balance_change = amount AND held_change = 0
        WHEN 'hold'    THEN balance_change = -amount AND held_change = amount
        WHEN 'release' THEN balance_change = amount AND held_change = -amount
        WHEN 'capture' THEN balance_change = -held_change - amount AND balance_change >= 0
        ELSE false END)
);
CREATE UNIQUE INDEX ledger_one_hold ON cavendish.ledger (generation_id) WHERE kind = 'hold';
CREATE UNIQUE INDEX ledger_one_settlement ON cavendish.ledger (generation_id) WHERE kind IN ('capture', 'release');
CREATE INDEX ledger_by_account ON cavendish.ledger (account_id, id);

CREATE FUNCTION cavendish.refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$;
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cavendish.ledger
    FOR EACH STATEMENT EXECUTE FUNCTION cavendish.refuse_change();

-- Use ----------------------------------------------------------------------------------------------------------------

-- What was ordered in each hour that is over and settled; 'usage_until' in facts says how far the sweep is. What is newer
-- is counted when somebody asks.
CREATE TABLE cavendish.usage_hours (
    account_id bigint NOT NULL REFERENCES cavendish.accounts,
    hour       timestamptz NOT NULL,                -- in which they were ordered; whole, in UTC
    quality    text NOT NULL,
    completed  integer NOT NULL,
    failed     integer NOT NULL,
    credits    bigint NOT NULL,                     -- charged
    PRIMARY KEY (account_id, hour, quality)
);

CREATE TABLE cavendish.service_hours (              -- the same of all accounts together
    hour       timestamptz NOT NULL,
    quality    text NOT NULL,
    completed  integer NOT NULL,
    failed     integer NOT NULL,
    credits    bigint NOT NULL,
    PRIMARY KEY (hour, quality)
);

-- The queue ----------------------------------------------------------------------------------------------------------

CREATE TABLE cavendish.workers (    -- who is alive, what it counted since it started and what its engines can
    id         uuid PRIMARY KEY,
    host       text NOT NULL,
    pid        integer NOT NULL,
    started_at timestamptz NOT NULL DEFAULT cavendish.cavendish_now(),
    seen_at    timestamptz NOT NULL DEFAULT cavendish.cavendish_now(),
    counters   jsonb NOT NULL DEFAULT '{}',
    engines    jsonb                -- what each of its engines can, by name; null: it said nothing
);

CREATE TABLE cavendish.engines (
    name         text PRIMARY KEY,
    virtual_time bigint NOT NULL DEFAULT 0, -- tag of the newest job that a worker started
    free_at      timestamptz NOT NULL DEFAULT '-infinity'  -- of its next call, where it has a rate
) WITH (fillfactor = 50);

CREATE TABLE cavendish.lanes (      -- one account's place in one engine's queue
    engine         text NOT NULL REFERENCES cavendish.engines,
    account_id     bigint NOT NULL REFERENCES cavendish.accounts,
    virtual_finish bigint NOT NULL, -- tag of the account's newest job there
    PRIMARY KEY (engine, account_id)
) WITH (fillfactor = 50);

-- Of the release before, whose workers may still run beside this one's; the next release drops what follows.
CREATE TYPE cavendish.pgqueuer_status AS ENUM
    ('queued', 'picked', 'successful', 'exception', 'canceled', 'deleted', 'failed');

CREATE TABLE cavendish.pgqueuer (
    id               bigserial PRIMARY KEY,
    priority         bigint NOT NULL,              -- the negated virtual tag
    queue_manager_id uuid,                         -- the worker that has it
    created          timestamptz NOT NULL DEFAULT now(),
    updated          timestamptz NOT NULL DEFAULT now(),
    heartbeat        timestamptz NOT NULL DEFAULT now(),  -- older than the lease: another worker takes it
    execute_after    timestamptz NOT NULL DEFAULT now(),
    status           cavendish.pgqueuer_status NOT NULL,  -- queued, picked; a finished job's row is deleted
    entrypoint       text NOT NULL,                -- the engine
    dedupe_key       text,                         -- the generation's id; a further try has '/attempt' behind it
    payload          bytea,                        -- the generation's id
    headers          jsonb,
    attempts         integer NOT NULL DEFAULT 0,
    slot             bigint                        -- a seat of an engine with limited concurrency
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000,
        autovacuum_analyze_scale_factor = 0.02, autovacuum_analyze_threshold = 500);
CREATE INDEX pgqueuer_ep_prio_id_idx ON cavendish.pgqueuer (entrypoint, priority DESC, id) WHERE status = 'queued';
CREATE INDEX pgqueuer_picked_heartbeat_idx ON cavendish.pgqueuer (heartbeat) WHERE status = 'picked';
CREATE UNIQUE INDEX pgqueuer_picked_slot_idx ON cavendish.pgqueuer (entrypoint, slot)
    WHERE status = 'picked' AND slot IS NOT NULL;
CREATE INDEX pgqueuer_queue_manager_id_idx ON cavendish.pgqueuer (queue_manager_id)
    WHERE queue_manager_id IS NOT NULL;
CREATE UNIQUE INDEX pgqueuer_unique_dedupe_key ON cavendish.pgqueuer (dedupe_key)
    WHERE status IN ('queued', 'picked') AND dedupe_key IS NOT NULL;

CREATE TABLE cavendish.pgqueuer_log (              -- written by those workers
    id         bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    created    timestamptz NOT NULL DEFAULT now(),
    job_id     bigint NOT NULL,
    status     cavendish.pgqueuer_status NOT NULL,
    priority   bigint NOT NULL,
    entrypoint text NOT NULL,
    traceback  jsonb,
    aggregated boolean DEFAULT false
);
CREATE INDEX pgqueuer_log_created ON cavendish.pgqueuer_log (created);
CREATE INDEX pgqueuer_log_job_id_status ON cavendish.pgqueuer_log (job_id, created DESC);

CREATE TABLE cavendish.pgqueuer_statistics (       -- expected by the library, not used
    id         bigserial PRIMARY KEY,
    created    timestamptz NOT NULL DEFAULT date_trunc('sec', now()),
    count      bigint NOT NULL,
    priority   bigint NOT NULL,
    status     cavendish.pgqueuer_status NOT NULL,
    entrypoint text NOT NULL
);

-- A deleted job frees a seat: workers look again. Inserts are announced by the sender after its commit.
CREATE FUNCTION cavendish.fn_pgqueuer_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('ch_pgqueuer', json_build_object(
        'channel', 'ch_pgqueuer', 'operation', 'delete', 'sent_at', now(),
        'table', TG_TABLE_NAME, 'type', 'table_changed_event')::text);
    RETURN NULL;
END $$;
CREATE TRIGGER tg_pgqueuer_changed AFTER DELETE ON cavendish.pgqueuer
    FOR EACH STATEMENT EXECUTE FUNCTION cavendish.fn_pgqueuer_changed();

-- For as long as workers of the release before run beside new ones: what they take from pgqueuer is leased here too, and
-- what is leased here they do not get. The release after this one drops the triggers and the three tables.
CREATE FUNCTION cavendish.fn_pgqueuer_leases() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The same manager once more is its heartbeat; another one takes a dead one's job, and that may be leased by now.
    UPDATE cavendish.generations SET leased = true, ready_at = cavendish.cavendish_now() + interval '5 seconds'
    WHERE id = encode(NEW.payload, 'hex')::uuid AND finished_at IS NULL
      AND (leased AND OLD.status = 'picked' AND OLD.queue_manager_id IS NOT DISTINCT FROM NEW.queue_manager_id
           OR ready_at <= cavendish.cavendish_now());
    IF FOUND OR NOT EXISTS (
        SELECT FROM cavendish.generations WHERE id = encode(NEW.payload, 'hex')::uuid AND finished_at IS NULL)
    THEN
        RETURN NEW;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tg_pgqueuer_leases BEFORE UPDATE ON cavendish.pgqueuer
    FOR EACH ROW WHEN (NEW.status = 'picked') EXECUTE FUNCTION cavendish.fn_pgqueuer_leases();

-- A further try has a key of its own, with the number of the claim before it.
CREATE FUNCTION cavendish.fn_pgqueuer_tries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE cavendish.generations SET leased = false,
        ready_at = cavendish.cavendish_now() + (NEW.execute_after - now()), touched_at = cavendish.cavendish_now()
    WHERE id = encode(NEW.payload, 'hex')::uuid AND finished_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER tg_pgqueuer_tries AFTER INSERT ON cavendish.pgqueuer
    FOR EACH ROW WHEN (strpos(NEW.dedupe_key, '/') > 0) EXECUTE FUNCTION cavendish.fn_pgqueuer_tries();
