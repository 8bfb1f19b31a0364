-- Accounts, keys, the ledger, generations and limits. Everything lives in the schema cavendish.

-- The one clock of leases, limits, deadlines and money. Tests shift it by a database setting:
-- ALTER DATABASE name SET cavendish.clock_offset = '1 hour'.
CREATE FUNCTION cavendish.cavendish_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT statement_timestamp() + coalesce(nullif(current_setting('cavendish.clock_offset', true), ''), '0')::interval $$;

CREATE TABLE cavendish.facts (      -- what all processes must agree on
    name  text PRIMARY KEY,         -- 'storage_id'
    value text NOT NULL
);

CREATE TABLE cavendish.accounts (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL UNIQUE CHECK (name <> '' AND length(name) <= 100),
    balance    bigint NOT NULL DEFAULT 0 CHECK (balance >= 0),  -- credits that can be spent now
    held       bigint NOT NULL DEFAULT 0 CHECK (held >= 0),     -- credits set aside for running generations
    weight     integer NOT NULL DEFAULT 1 CHECK (weight BETWEEN 1 AND 1000),  -- share of the queue
    created_at timestamptz NOT NULL DEFAULT cavendish.cavendish_now()
) WITH (fillfactor = 50);           -- balance changes with every generation: leave room for updates in place

CREATE TABLE cavendish.api_keys (
    id            text PRIMARY KEY,               -- key_…, safe to show
    account_id    bigint NOT NULL REFERENCES cavendish.accounts,
    digest        bytea NOT NULL UNIQUE CHECK (length(digest) = 32),  -- SHA-256 of the key, which is not stored
    hint          text NOT NULL,                  -- prefix and last four characters
    label         text NOT NULL DEFAULT '',
    limit_count   integer CHECK (limit_count > 0),
    limit_seconds integer CHECK (limit_seconds > 0),
    created_at    timestamptz NOT NULL DEFAULT cavendish.cavendish_now(),
    revoked_at    timestamptz,
    CHECK ((limit_count IS NULL) = (limit_seconds IS NULL))
);
CREATE INDEX api_keys_account ON cavendish.api_keys (account_id);

CREATE TABLE cavendish.rate_limits (
    key_id  text PRIMARY KEY REFERENCES cavendish.api_keys,
    full_at timestamptz NOT NULL DEFAULT '-infinity'  -- GCRA's theoretical arrival time: when the quota is whole again
) WITH (fillfactor = 50);

CREATE FUNCTION cavendish.open_rate_limit() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN INSERT INTO cavendish.rate_limits (key_id) VALUES (NEW.id); RETURN NULL; END $$;
CREATE TRIGGER api_keys_open_rate_limit AFTER INSERT ON cavendish.api_keys
    FOR EACH ROW EXECUTE FUNCTION cavendish.open_rate_limit();

CREATE TABLE cavendish.engines (
    name         text PRIMARY KEY,
    virtual_time bigint NOT NULL DEFAULT 0  -- tag of the newest job that a worker started
) WITH (fillfactor = 50);

CREATE TABLE cavendish.lanes (      -- one account's place in one engine's queue
    engine         text NOT NULL REFERENCES cavendish.engines,
    account_id     bigint NOT NULL REFERENCES cavendish.accounts,
    virtual_finish bigint NOT NULL,
    PRIMARY KEY (engine, account_id)
) WITH (fillfactor = 50);

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
                         'completed',             -- picture stored, credits captured
                         'failed')),              -- credits released
    mode             text NOT NULL CHECK (mode IN ('generate', 'edit')),
    prompt           text NOT NULL,
    aspect_ratio     text NOT NULL,
    image_quality    text NOT NULL CHECK (image_quality IN ('1K', '2K', '4K')),
    google_search    boolean NOT NULL,
    input_image_urls text[] NOT NULL,
    seed             bigint,
    price            bigint NOT NULL CHECK (price > 0),       -- credits held
    credits_charged  bigint CHECK (credits_charged > 0 AND credits_charged <= price),
    progress         smallint NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
    virtual_tag      bigint NOT NULL,             -- place in the fair queue; lower starts first
    fence            integer NOT NULL DEFAULT 0,  -- number of the newest claim
    attempts         smallint NOT NULL DEFAULT 0, -- engine failures so far
    warnings         text[] NOT NULL DEFAULT '{}',
    error            text,
    error_code       text,
    image_name       text,
    image_type       text,
    image_width      integer,
    image_height     integer,
    image_bytes      bigint,
    image_sha256     bytea,
    image_deleted_at timestamptz,
    created_at       timestamptz NOT NULL DEFAULT cavendish.cavendish_now(),
    touched_at       timestamptz NOT NULL DEFAULT cavendish.cavendish_now(),  -- last enqueue or claim
    deadline_at      timestamptz NOT NULL,
    started_at       timestamptz,
    finished_at      timestamptz,
    CHECK ((state = 'completed') = (image_name IS NOT NULL)),
    CHECK ((state = 'completed') = (credits_charged IS NOT NULL)),
    CHECK ((state = 'failed') = (error_code IS NOT NULL)),
    CHECK ((state IN ('completed', 'failed')) = (finished_at IS NOT NULL))
) WITH (fillfactor = 70);
CREATE INDEX generations_by_account ON cavendish.generations (account_id, created_at DESC, id);
CREATE INDEX generations_open ON cavendish.generations (deadline_at) WHERE state IN ('pending', 'generating');
CREATE UNIQUE INDEX generations_image ON cavendish.generations (image_name) WHERE image_name IS NOT NULL;

CREATE TABLE cavendish.idempotency_keys (
    account_id    bigint NOT NULL REFERENCES cavendish.accounts,
    endpoint      text NOT NULL,
    key           text NOT NULL CHECK (length(key) <= 255),
    fingerprint   bytea NOT NULL,   -- SHA-256 of the body as canonical JSON
    generation_id uuid NOT NULL,    -- kept as long as the generation
    PRIMARY KEY (account_id, endpoint, key)
);

-- Every credit that ever moved. Rows are added, never changed; each row says how it moved balance and held,
-- so an account is the sum of its rows.
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
        WHEN 'capture' THEN balance_change = -held_change - amount AND balance_change >= 0  -- less than was held: the rest returns
        ELSE false END)
);
CREATE UNIQUE INDEX ledger_one_hold ON cavendish.ledger (generation_id) WHERE kind = 'hold';
CREATE UNIQUE INDEX ledger_one_settlement ON cavendish.ledger (generation_id) WHERE kind IN ('capture', 'release');
CREATE INDEX ledger_by_account ON cavendish.ledger (account_id, id);

CREATE FUNCTION cavendish.refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$;
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cavendish.ledger
    FOR EACH STATEMENT EXECUTE FUNCTION cavendish.refuse_change();

CREATE TABLE cavendish.workers (    -- who is alive, and what it counted since it started
    id         uuid PRIMARY KEY,
    host       text NOT NULL,
    pid        integer NOT NULL,
    started_at timestamptz NOT NULL DEFAULT cavendish.cavendish_now(),
    seen_at    timestamptz NOT NULL DEFAULT cavendish.cavendish_now(),
    counters   jsonb NOT NULL DEFAULT '{}'
);
