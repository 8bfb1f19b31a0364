-- People beside programs: sign-in, uploads, what was hidden, and who did what.

ALTER TABLE cavendish.accounts ADD COLUMN operator boolean NOT NULL DEFAULT false;  -- may manage the service

-- A session acts as its API key: its limit is the key's, and it ends with it.
CREATE TABLE cavendish.sessions (
    digest     bytea PRIMARY KEY CHECK (length(digest) = 32),   -- SHA-256 of the cookie
    key_id     text NOT NULL REFERENCES cavendish.api_keys,
    created_at timestamptz NOT NULL DEFAULT cavendish.cavendish_now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_expiry ON cavendish.sessions (expires_at);

CREATE TABLE cavendish.login_links (
    digest     bytea PRIMARY KEY CHECK (length(digest) = 32),   -- SHA-256 of the token in the link
    account_id bigint NOT NULL REFERENCES cavendish.accounts,
    created_at timestamptz NOT NULL DEFAULT cavendish.cavendish_now(),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz                                      -- set once
);

CREATE TABLE cavendish.uploads (
    name       text PRIMARY KEY,                                -- of the file, unguessable
    account_id bigint NOT NULL REFERENCES cavendish.accounts,
    size_bytes bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT cavendish.cavendish_now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX uploads_by_account ON cavendish.uploads (account_id);
CREATE INDEX uploads_expiry ON cavendish.uploads (expires_at);

ALTER TABLE cavendish.generations ADD COLUMN hidden_at timestamptz;  -- deleted by its owner: in no list any more

CREATE TABLE cavendish.audit (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT cavendish.cavendish_now(),
    actor   text NOT NULL,                                      -- an account's name, or 'command line'
    action  text NOT NULL,
    subject text NOT NULL,                                      -- an account, a key
    detail  text NOT NULL DEFAULT ''
);
