-- What people make with a key falls with it, and counts against its limit. The code before this one leaves all of it
-- empty, which says nothing.

ALTER TABLE cavendish.api_keys ADD COLUMN falls_with text[] NOT NULL DEFAULT '{}';     -- keys: revoked with each of them
ALTER TABLE cavendish.sessions ADD COLUMN falls_with text[] NOT NULL DEFAULT '{}';     -- beside its key
ALTER TABLE cavendish.login_links ADD COLUMN falls_with text[] NOT NULL DEFAULT '{}';

ALTER TABLE cavendish.api_keys ADD COLUMN counts_with text[] NOT NULL DEFAULT '{}';    -- keys: its calls are theirs, too

-- Keys that accounts made themselves until now count with the oldest that somebody else made for the account. With which
-- key each was made nobody wrote down, so they fall with none.
WITH own AS (
    SELECT k.id, k.account_id
    FROM cavendish.api_keys k JOIN cavendish.accounts a ON a.id = k.account_id
    JOIN cavendish.audit e ON e.action = 'key_created' AND e.subject = k.id AND e.actor = a.name
)
UPDATE cavendish.api_keys k SET counts_with = ARRAY[(
    SELECT first.id FROM cavendish.api_keys first
    WHERE first.account_id = own.account_id AND first.id NOT IN (SELECT id FROM own)
    ORDER BY first.created_at, first.id LIMIT 1)]
FROM own WHERE k.id = own.id AND EXISTS (
    SELECT FROM cavendish.api_keys first
    WHERE first.account_id = own.account_id AND first.id NOT IN (SELECT id FROM own));

ALTER TABLE cavendish.accounts ADD COLUMN calls_full_at timestamptz NOT NULL DEFAULT '-infinity';

-- Refunded failures for which the order was the reason. A count and its moment rather than a moment ahead: so a clock
-- that jumps forgives too early at most, and never keeps anybody out.
ALTER TABLE cavendish.accounts ADD COLUMN failures double precision NOT NULL DEFAULT 0;
ALTER TABLE cavendish.accounts ADD COLUMN failures_at timestamptz NOT NULL DEFAULT '-infinity';

-- What is left of them now, where one is forgiven every so many seconds.
CREATE FUNCTION cavendish.unforgiven(failures double precision, since timestamptz, seconds_each double precision)
RETURNS double precision LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT greatest(0, failures - extract(epoch FROM cavendish.cavendish_now() - least(cavendish.cavendish_now(),
    greatest(since, cavendish.cavendish_now() - make_interval(secs => (failures + 1) * seconds_each))))::double precision
    / seconds_each) $$;
