-- What was ordered in each hour that is over and settled, so that a month is shown without counting a million rows. A
-- sweep fills them, hour by hour, from the oldest generation on; 'usage_until' in facts says how far it is, and what is
-- newer is counted when somebody asks. The code before this one knows nothing of them, and need not.

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
