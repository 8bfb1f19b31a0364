"""What must always hold of credits, generations and keys: each rule one sentence and one statement."""

from __future__ import annotations

from dataclasses import dataclass

_GRACE_SECONDS = 60.0  # what is due may be this late: a sweep comes every few seconds


@dataclass(frozen=True)
class Rule:
    """An invariant in SQL: `offenders` selects one column, the ids that break it; `scope` counts what it is about."""

    name: str
    promise: str
    noun: str
    scope: str
    offenders: str


_ACCOUNTS = "SELECT count(*) FROM cavendish.accounts"
_GENERATIONS = "SELECT count(*) FROM cavendish.generations"
_OPEN = "SELECT count(*) FROM cavendish.generations WHERE finished_at IS NULL"
_ENTRIES = "SELECT count(*) FROM cavendish.ledger"
# Until the clock has come back to it, what was kept ahead of it says nothing.
_USAGE_UNTIL = """
    (SELECT least(value::timestamptz, date_trunc('hour', cavendish.cavendish_now(), 'UTC'))
     FROM cavendish.facts WHERE name = 'usage_until')"""

# One row per generation that has ledger entries: how many holds and settlements, and their amounts.
_SETTLED = """
    SELECT generation_id,
           count(*) FILTER (WHERE kind = 'hold') AS holds,
           count(*) FILTER (WHERE kind = 'capture') AS captures,
           count(*) FILTER (WHERE kind = 'release') AS releases,
           coalesce(sum(amount) FILTER (WHERE kind = 'hold'), 0) AS held,
           coalesce(sum(amount) FILTER (WHERE kind = 'capture'), 0) AS captured,
           coalesce(sum(amount) FILTER (WHERE kind = 'release'), 0) AS released,
           min(id) FILTER (WHERE kind = 'hold') AS first_hold,
           min(id) FILTER (WHERE kind <> 'hold') AS first_settlement
    FROM cavendish.ledger WHERE generation_id IS NOT NULL GROUP BY generation_id"""

RULES = (
    Rule(
        "ledger-rows",
        "each entry moves balance and held as its kind and amount say",
        "entries",
        _ENTRIES,
        """
        SELECT l.id FROM cavendish.ledger l
        WHERE (CASE l.kind
            WHEN 'grant' THEN l.generation_id IS NULL AND l.balance_change = l.amount AND l.held_change = 0
            WHEN 'hold' THEN l.generation_id IS NOT NULL AND l.balance_change = -l.amount AND l.held_change = l.amount
            WHEN 'release' THEN l.generation_id IS NOT NULL AND l.balance_change = l.amount
                AND l.held_change = -l.amount
            WHEN 'capture' THEN l.generation_id IS NOT NULL AND l.balance_change + l.held_change = -l.amount
                AND l.balance_change >= 0
            ELSE false END AND l.amount > 0) IS NOT TRUE""",
    ),
    Rule(
        "account-sums",
        "balance and held are the sums of the account's entries",
        "accounts",
        _ACCOUNTS,
        """
        SELECT a.id FROM cavendish.accounts a
        LEFT JOIN (SELECT account_id, sum(balance_change) AS balance, sum(held_change) AS held
                   FROM cavendish.ledger GROUP BY account_id) l ON l.account_id = a.id
        WHERE a.balance <> coalesce(l.balance, 0) OR a.held <> coalesce(l.held, 0)""",
    ),
    Rule(
        "account-kinds",
        "balance and held follow from kinds and amounts alone",
        "accounts",
        _ACCOUNTS,
        f"""
        WITH of_generations AS (
            SELECT g.account_id,
                   sum(CASE WHEN captures + releases = 0 THEN held ELSE 0 END) AS open,
                   sum(captured - released + CASE WHEN releases > 0 THEN held ELSE 0 END) AS spent
            FROM ({_SETTLED}) s JOIN cavendish.generations g ON g.id = s.generation_id GROUP BY g.account_id
        ),
        granted AS (
            SELECT account_id, sum(amount) AS amount FROM cavendish.ledger WHERE kind = 'grant' GROUP BY account_id
        )
        SELECT a.id FROM cavendish.accounts a
        LEFT JOIN of_generations o ON o.account_id = a.id LEFT JOIN granted r ON r.account_id = a.id
        WHERE a.held <> coalesce(o.open, 0)
           OR a.balance <> coalesce(r.amount, 0) - coalesce(o.open, 0) - coalesce(o.spent, 0)""",
    ),
    Rule(
        "account-history",
        "no account was ever below zero, in balance or in held",
        "accounts",
        _ACCOUNTS,
        """
        SELECT DISTINCT account_id AS id FROM (
            SELECT account_id, sum(balance_change) OVER history AS balance, sum(held_change) OVER history AS held
            FROM cavendish.ledger WINDOW history AS (PARTITION BY account_id ORDER BY id)
        ) after_each_entry WHERE balance < 0 OR held < 0""",
    ),
    Rule(
        "all-credits",
        "all that was granted is in an account or was captured",
        "accounts",
        _ACCOUNTS,
        """
        SELECT concat('granted ', g.credits, ', captured ', c.credits, ', in accounts ', a.credits) AS id
        FROM (SELECT coalesce(sum(balance + held), 0) AS credits FROM cavendish.accounts) a,
             (SELECT coalesce(sum(amount), 0) AS credits FROM cavendish.ledger WHERE kind = 'grant') g,
             (SELECT coalesce(sum(amount), 0) AS credits FROM cavendish.ledger WHERE kind = 'capture') c
        WHERE g.credits - c.credits <> a.credits""",
    ),
    Rule(
        "held-open",
        "an account's held credits are the prices of its open generations",
        "accounts",
        _ACCOUNTS,
        """
        SELECT a.id FROM cavendish.accounts a
        LEFT JOIN (SELECT account_id, sum(price) AS prices FROM cavendish.generations
                   WHERE state IN ('pending', 'generating') GROUP BY account_id) g ON g.account_id = a.id
        WHERE a.held <> coalesce(g.prices, 0)""",
    ),
    Rule(
        "one-hold",
        "each generation has one hold, of its price, on its own account",
        "generations",
        _GENERATIONS,
        f"""
        SELECT g.id FROM cavendish.generations g LEFT JOIN ({_SETTLED}) s ON s.generation_id = g.id
        WHERE s.holds IS DISTINCT FROM 1 OR s.held <> g.price OR s.first_hold > s.first_settlement
        UNION
        SELECT l.generation_id FROM cavendish.ledger l LEFT JOIN cavendish.generations g ON g.id = l.generation_id
        WHERE l.generation_id IS NOT NULL AND g.account_id IS DISTINCT FROM l.account_id""",
    ),
    Rule(
        "one-settlement",
        "a finished generation has one capture or release, an open one has none",
        "generations",
        _GENERATIONS,
        f"""
        SELECT g.id FROM cavendish.generations g LEFT JOIN ({_SETTLED}) s ON s.generation_id = g.id
        WHERE coalesce(s.captures + s.releases, 0) <> CASE WHEN g.state IN ('completed', 'failed') THEN 1 ELSE 0 END""",
    ),
    Rule(
        "settled-rightly",
        "completed is captured, and never above its price; failed is released, in full",
        "generations",
        _GENERATIONS,
        f"""
        SELECT g.id FROM cavendish.generations g LEFT JOIN ({_SETTLED}) s ON s.generation_id = g.id
        WHERE (g.state = 'completed') <> (coalesce(s.captures, 0) > 0)
           OR (g.state = 'failed') <> (coalesce(s.releases, 0) > 0)
           OR g.state = 'completed' AND (s.captured = g.credits_charged AND g.credits_charged BETWEEN 1 AND g.price)
              IS NOT TRUE
           OR g.state = 'failed' AND s.released <> g.price""",
    ),
    Rule(
        "states",
        "each row says what its state says",
        "generations",
        _GENERATIONS,
        """
        SELECT id FROM cavendish.generations
        WHERE (CASE state
            WHEN 'pending' THEN finished_at IS NULL AND credits_charged IS NULL AND fence = 0 AND error_code IS NULL
            WHEN 'generating' THEN finished_at IS NULL AND credits_charged IS NULL AND fence > 0 AND error_code IS NULL
                AND started_at IS NOT NULL
            WHEN 'completed' THEN finished_at IS NOT NULL AND progress = 100 AND fence > 0 AND error_code IS NULL
            WHEN 'failed' THEN finished_at IS NOT NULL AND progress = 0 AND credits_charged IS NULL AND error <> ''
            ELSE false END AND fence >= 0 AND attempts <= fence) IS NOT TRUE""",
    ),
    Rule(
        "pictures",
        "completed has a whole description of its own picture; nothing else has one",
        "generations",
        _GENERATIONS,
        r"""
        SELECT id FROM cavendish.generations
        WHERE (CASE state WHEN 'completed' THEN
                image_name ~ '^[0-9a-f]{32}-[0-9]{1,9}\.(png|jpg|webp)$' AND image_type ~ '^image/(png|jpeg|webp)$'
                AND image_width > 0 AND image_height > 0 AND image_bytes > 0 AND length(image_sha256) = 32
                AND substring(image_name FROM '-([0-9]{1,9})\.')::bigint BETWEEN 1 AND fence
            ELSE num_nonnulls(image_name, image_type, image_width, image_height, image_bytes, image_sha256,
                              image_deleted_at) = 0 END) IS NOT TRUE
        UNION
        SELECT id FROM cavendish.generations WHERE image_name IN (
            SELECT image_name FROM cavendish.generations GROUP BY image_name HAVING count(*) > 1)""",
    ),
    Rule(
        "idempotency",
        "each Idempotency-Key stands for a generation of its account, each generation for one key at most",
        "keys",
        "SELECT count(*) FROM cavendish.idempotency_keys",
        """
        SELECT i.generation_id AS id FROM cavendish.idempotency_keys i
        LEFT JOIN cavendish.generations g ON g.id = i.generation_id
        WHERE g.account_id IS DISTINCT FROM i.account_id
        UNION
        SELECT generation_id FROM cavendish.idempotency_keys GROUP BY generation_id HAVING count(*) > 1""",
    ),
    Rule(
        "register",
        "what is registered was delivered with these bytes, and its owner has not deleted it",
        "pictures",
        "SELECT count(*) FROM cavendish.register",
        """
        SELECT encode(uuid_send(g.id), 'hex') AS id
        FROM cavendish.register r JOIN cavendish.generations g ON g.id = r.generation_id
        WHERE g.state <> 'completed' OR g.hidden_at IS NOT NULL OR g.image_sha256 IS DISTINCT FROM r.sha256""",
    ),
    Rule(
        "usage",
        "the sums that are kept of an hour are those of its generations",
        "hours",
        "SELECT count(*) FROM cavendish.service_hours",
        f"""
        WITH of_accounts AS (
            SELECT account_id, date_trunc('hour', created_at, 'UTC') AS hour, image_quality AS quality,
                   count(*) FILTER (WHERE state = 'completed') AS completed,
                   count(*) FILTER (WHERE state = 'failed') AS failed, coalesce(sum(credits_charged), 0) AS credits,
                   count(*) FILTER (WHERE state NOT IN ('completed', 'failed')) AS open
            FROM cavendish.generations WHERE created_at < {_USAGE_UNTIL} GROUP BY 1, 2, 3),
        of_all AS (
            SELECT hour, quality, sum(completed) AS completed, sum(failed) AS failed, sum(credits) AS credits
            FROM of_accounts GROUP BY 1, 2)
        SELECT concat('account ', account_id, ' at ', hour) AS id
        FROM of_accounts c FULL JOIN (SELECT * FROM cavendish.usage_hours WHERE hour < {_USAGE_UNTIL}) k
            USING (account_id, hour, quality)
        WHERE (c.completed, c.failed, c.credits) IS DISTINCT FROM (k.completed, k.failed, k.credits) OR c.open > 0
        UNION
        SELECT concat('all accounts at ', hour)
        FROM of_all c FULL JOIN (SELECT * FROM cavendish.service_hours WHERE hour < {_USAGE_UNTIL}) k
            USING (hour, quality)
        WHERE (c.completed, c.failed, c.credits) IS DISTINCT FROM (k.completed, k.failed, k.credits)""",
    ),
    Rule(
        "deadlines",
        "nothing is open long past its deadline while a worker lives to end it",
        "open generations",
        _OPEN,
        f"""
        SELECT id FROM cavendish.generations
        WHERE state IN ('pending', 'generating')
          AND deadline_at < cavendish.cavendish_now() - interval '{_GRACE_SECONDS} seconds'
          AND EXISTS (SELECT FROM cavendish.workers
                      WHERE seen_at > cavendish.cavendish_now() - interval '{_GRACE_SECONDS / 2} seconds'
                        AND started_at < cavendish.cavendish_now() - interval '{_GRACE_SECONDS} seconds')""",
    ),
)

AT_REST = Rule(
    "at-rest",
    "nothing is open and nothing is held",
    "generations",
    _GENERATIONS,
    """
    SELECT id::text FROM cavendish.generations WHERE state IN ('pending', 'generating')
    UNION SELECT 'account ' || id FROM cavendish.accounts WHERE held <> 0""",
)
